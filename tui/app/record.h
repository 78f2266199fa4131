/*
 * What the server said, kept in a file with times, and read again: one line
 * "MILLISECONDS FRAME" each, zstd-compressed. A frame is on the disk a second
 * after it came, so that a killed terminal loses little. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct record;
struct replay;

/* A new file; NULL with errno set. */
struct record *record_open(const char *path);

/* Keeps a frame that came at mono_ms. 0, or negative errno: the disk is full. */
int record_add(struct record *r, int64_t mono_ms, const char *frame, size_t len);

/* Writes the rest and closes. Accepts NULL. */
void record_close(struct record *r);

/* Opens a file that record wrote; NULL with errno set. */
struct replay *replay_open(const char *path);

/*
 * The next frame and when it came, in ms since the first. False at the end or
 * where the file is broken. The frame is borrowed until the next call.
 */
bool replay_next(struct replay *r, int64_t *ret_ms, const char **ret_frame,
                 size_t *ret_len);
void replay_close(struct replay *r); /* accepts NULL */
