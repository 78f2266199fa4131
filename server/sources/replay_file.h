/*
 * The text of a recording, unpacked as it is read: plain, gzip or zstd by its
 * first bytes. One thread.
 */
#pragma once

#include <stdbool.h>

struct replay_file;
struct strbuf;

/* NULL with a line in ret_error. */
struct replay_file *replay_file_open(const char *path, struct strbuf *ret_error);
void replay_file_close(struct replay_file *f); /* accepts NULL */

enum replay_read { REPLAY_READ, REPLAY_END, REPLAY_FAILED };

/*
 * Adds the next line, without its newline, to ret_line; a line over the
 * buffer's ceiling sets its `overflowed`. FAILED: a line in ret_error.
 */
enum replay_read replay_file_line(struct replay_file *f, struct strbuf *ret_line,
                                  struct strbuf *ret_error);

/* Adds all that is left; over the ceiling is FAILED. */
enum replay_read replay_file_rest(struct replay_file *f, struct strbuf *ret_text,
                                  struct strbuf *ret_error);
