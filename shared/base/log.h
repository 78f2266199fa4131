/*
 * Leveled, rate-limited log lines to stderr or a file, as text or as ECS JSON
 * (Elastic Common Schema 8.11 field names, so that Filebeat ships them as they
 * are). One sink per process, opened by main before threads start; this is the
 * one file with process-wide state. Any thread may log; a line is one write.
 *
 * Each call site may write LOG_SITE_BURST lines per LOG_SITE_WINDOW_MS; what is
 * over is counted and told with the first line of the next window.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_ECS };
enum { LOG_SITE_BURST = 10, LOG_SITE_WINDOW_MS = 10000, LOG_LINE_MAX = 8192 };

struct log_config {
    enum log_format format;
    enum log_level level;
    const char *file;    /* NULL or "" = stderr; appended to */
    const char *service; /* ECS service.name */
};

/* What one call site remembers; zero-initialised by the macros below. */
struct log_site {
    _Atomic int64_t window_start_ms;
    _Atomic unsigned written;
    _Atomic unsigned suppressed;
};

/* Opens the sink. 0, or negative errno when the file cannot be opened. */
int log_open(const struct log_config *config);

/* Opens the file again (after rotation). 0 or negative errno; keeps the old then. */
int log_reopen(void);

/* Changes the level of the open sink. */
void log_set_level(enum log_level level);

/* Reads "error", "warn", "info" or "debug"; false when text is none of them. */
bool log_level_parse(const char *text, enum log_level *ret_level);

/* Lines written, and lines suppressed by the rate limit, since the start. */
uint64_t log_lines_written(void);
uint64_t log_lines_suppressed(void);

/* Closes the file. Later lines go to stderr. */
void log_close(void);

/* Use the macros. component is a short noun ("bus", "redis", "gateway"). */
void log_write(struct log_site *site, enum log_level level, const char *component,
               const char *fmt, ...) PRINTF_LIKE(4, 5);

#define LOG_AT(level, ...)                                                             \
    do {                                                                               \
        static struct log_site log_site_here;                                          \
        log_write(&log_site_here, (level), __VA_ARGS__);                               \
    } while (0)
#define log_error(...) LOG_AT(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  LOG_AT(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  LOG_AT(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) LOG_AT(LOG_LEVEL_DEBUG, __VA_ARGS__)
