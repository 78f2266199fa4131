/*
 * The line is built first and leaves in one write(2), so lines of different
 * threads never mix. Suppression is by call site and lock-free: the first
 * thread to see an old window opens the new one.
 */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/strbuf.h"

static struct {
    _Atomic int fd;
    _Atomic enum log_level level;
    enum log_format format;
    char *file;
    char *service;
    _Atomic uint64_t written;
    _Atomic uint64_t suppressed;
} sink = {.fd = STDERR_FILENO, .level = LOG_LEVEL_INFO};

static const char *const level_names[] = {"error", "warn", "info", "debug"};

static int open_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    return fd >= 0 ? fd : -errno;
}

int log_open(const struct log_config *config)
{
    int fd = STDERR_FILENO;
    if (config->file != NULL && config->file[0] != '\0')
        fd = open_file(config->file);
    if (fd < 0)
        return fd;
    log_close();
    sink.format = config->format;
    sink.file = fd != STDERR_FILENO ? xstrdup(config->file) : NULL;
    sink.service = xstrdup(config->service != NULL ? config->service : "flightdash");
    atomic_store(&sink.level, config->level);
    atomic_store(&sink.fd, fd);
    return 0;
}

int log_reopen(void)
{
    if (sink.file == NULL)
        return 0;
    int fd = open_file(sink.file);
    if (fd < 0)
        return fd;
    /* The same number: another thread may be about to write to it. */
    int done = dup3(fd, atomic_load(&sink.fd), O_CLOEXEC);
    int error = done < 0 ? -errno : 0;
    close(fd);
    return error;
}

void log_set_level(enum log_level level)
{
    atomic_store(&sink.level, level);
}

bool log_level_parse(const char *text, enum log_level *ret_level)
{
    for (unsigned i = 0; i < ARRAY_LEN(level_names); i++) {
        if (strcmp(text, level_names[i]) == 0) {
            *ret_level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

uint64_t log_lines_written(void)
{
    return atomic_load(&sink.written);
}

uint64_t log_lines_suppressed(void)
{
    return atomic_load(&sink.suppressed);
}

void log_close(void)
{
    int old = atomic_exchange(&sink.fd, STDERR_FILENO);
    if (old != STDERR_FILENO)
        close(old);
    free(sink.file);
    free(sink.service);
    sink.file = NULL;
    sink.service = NULL;
}

/* True when this line may be written; tells how many were held back before it. */
static bool site_admits(struct log_site *site, int64_t now_ms, unsigned *ret_held_back)
{
    int64_t start = atomic_load(&site->window_start_ms);
    *ret_held_back = 0;
    if (now_ms - start >= LOG_SITE_WINDOW_MS || start == 0) {
        if (atomic_compare_exchange_strong(&site->window_start_ms, &start, now_ms)) {
            atomic_store(&site->written, 0);
            *ret_held_back = atomic_exchange(&site->suppressed, 0);
        }
    }
    if (atomic_fetch_add(&site->written, 1) < LOG_SITE_BURST)
        return true;
    atomic_fetch_add(&site->suppressed, 1);
    atomic_fetch_add(&sink.suppressed, 1);
    return false;
}

static void build_text(struct strbuf *line, const char *when, enum log_level level,
                       const char *component, const char *message)
{
    strbuf_addf(line, "%s %-5s %s: ", when, level_names[level], component);
    for (const char *c = message; *c != '\0'; c++)
        strbuf_add_char(line, (unsigned char)*c < 0x20 || *c == 0x7f ? ' ' : *c);
}

static void build_ecs(struct strbuf *line, const char *when, enum log_level level,
                      const char *component, const char *message)
{
    char thread[16] = "";
    prctl(PR_GET_NAME, thread);
    strbuf_addf(line, "{\"@timestamp\":\"%s\",\"log.level\":\"%s\",\"message\":", when,
                level_names[level]);
    strbuf_add_json(line, message, strlen(message));
    strbuf_addf(line, ",\"ecs.version\":\"8.11.0\",\"log.logger\":\"%s\",", component);
    strbuf_add_text(line, "\"service.name\":");
    const char *service = sink.service != NULL ? sink.service : "flightdash";
    strbuf_add_json(line, service, strlen(service));
    strbuf_addf(line, ",\"service.version\":\"%s\",\"process.pid\":%d,",
                FLIGHTDASH_VERSION, (int)getpid());
    strbuf_add_text(line, "\"process.thread.name\":");
    strbuf_add_json(line, thread, strlen(thread));
    strbuf_add_char(line, '}');
}

void log_write(struct log_site *site, enum log_level level, const char *component,
               const char *fmt, ...)
{
    if (level > atomic_load(&sink.level))
        return;
    unsigned held_back;
    if (!site_admits(site, clock_mono_ms() + 1, &held_back))
        return;
    char message[LOG_LINE_MAX / 2];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(message, sizeof message - 40, fmt, args);
    va_end(args);
    size_t end = n < 0 ? 0 : MIN_OF((size_t)n, sizeof message - 41);
    if (held_back > 0)
        snprintf(message + end, sizeof message - end, " (%u like it held back)",
                 held_back);
    char when[CLOCK_ISO8601_SIZE];
    clock_iso8601(clock_wall_ms(), when);
    struct strbuf line;
    strbuf_init(&line, (size_t)LOG_LINE_MAX * 4);
    (sink.format == LOG_FORMAT_ECS ? build_ecs : build_text)(&line, when, level,
                                                             component, message);
    strbuf_add_char(&line, '\n');
    /* A log that cannot be written has nowhere to be reported. */
    ssize_t ignored = write(atomic_load(&sink.fd), strbuf_text(&line), line.len);
    (void)ignored;
    strbuf_release(&line);
    atomic_fetch_add(&sink.written, 1);
}
