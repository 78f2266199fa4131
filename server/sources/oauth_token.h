/*
 * An OAuth2 access token by client credentials (RFC 6749, section 4.4), fetched
 * when needed and again before it ends. Id and secret are read from their files
 * for each request, so that they can be replaced while we run. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sources/source.h"

struct oauth_token;

struct oauth_config {
    const char *url;     /* of the token endpoint */
    const char *id_file; /* first line counts */
    const char *secret_file;
    const char *ca_file; /* NULL = the system's */
    struct http_client *http;
};

/* token is NULL when it could not be had: trouble, text and retry_after_ms say why. */
struct oauth_answer {
    const char *token;
    enum source_trouble trouble;
    const char *text;
    int64_t retry_after_ms;
};
typedef void (*oauth_fn)(void *data, const struct oauth_answer *answer);

struct oauth_token *oauth_token_new(const struct oauth_config *config);
void oauth_token_free(struct oauth_token *t); /* accepts NULL; no callback after it */

/* The token if there is one that still holds at now_ms (monotonic), else NULL. */
const char *oauth_token_get(const struct oauth_token *t, int64_t now_ms);

/* Fetches one; answers once, possibly before it returns (an unreadable file). */
void oauth_token_fetch(struct oauth_token *t, oauth_fn done, void *data);

/* It was refused: forget it. */
void oauth_token_drop(struct oauth_token *t);

/* The first line of a file; false with a line in ret_error. ret_text: free() it. */
bool oauth_read_file(const char *path, char **ret_text, struct strbuf *ret_error);
