/*
 * Bearer tokens out of a file: one a line, `#` comments, blank lines ignored,
 * 16 to 512 printable bytes each, at most AUTH_TOKENS_MAX. The file must not be
 * readable by everybody. Compared in constant time. auth_check: any thread;
 * auth_reload replaces the set atomically (SIGHUP).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct auth;
struct strbuf;

enum { AUTH_TOKENS_MAX = 256, AUTH_TOKEN_MIN = 16, AUTH_TOKEN_MAX = 512 };

/* NULL with "FILE:LINE: why" in ret_error when the file cannot be used. */
struct auth *auth_new(const char *file, struct strbuf *ret_error);
void auth_free(struct auth *auth); /* accepts NULL */

/* Reads the file again; on failure the old tokens stay. 0 or negative errno. */
int auth_reload(struct auth *auth, struct strbuf *ret_error);

/* True when the n bytes at token are one of the tokens. */
bool auth_check(struct auth *auth, const char *token, size_t n);

/* The same for the value of an Authorization header ("Bearer ..."); NULL is false. */
bool auth_check_header(struct auth *auth, const char *header);
