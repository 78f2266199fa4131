#include "telemetry/health.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/strbuf.h"

/* Without these nothing true can be served; all else only takes something away. */
static const char *const critical_names[] = {"kafka", "state"};

static const char *const status_texts[] = {
    [HEALTH_PASS] = "pass", [HEALTH_WARN] = "warn", [HEALTH_FAIL] = "fail"};

struct health_board {
    pthread_mutex_t lock;
    struct health_entry entries[HEALTH_COMPONENTS_MAX]; /* sorted by name */
    size_t count;
    _Atomic uint64_t version;
    _Atomic bool ready;
    _Atomic bool draining;
};

struct health_board *health_board_new(void)
{
    struct health_board *board = xcalloc(1, sizeof *board);
    pthread_mutex_init(&board->lock, NULL);
    return board;
}

void health_board_free(struct health_board *board)
{
    if (!board)
        return;
    pthread_mutex_destroy(&board->lock);
    free(board);
}

/* The index at which name is, or belongs. */
static size_t place_of(const struct health_board *board, const char *name)
{
    size_t i = 0;
    while (i < board->count && strcmp(board->entries[i].name, name) < 0)
        i++;
    return i;
}

static bool is_at(const struct health_board *board, size_t i, const char *name)
{
    return i < board->count && strcmp(board->entries[i].name, name) == 0;
}

/* The entry of name, made when it is new; NULL when the board is full. */
static struct health_entry *entry_of(struct health_board *board, const char *name)
{
    char key[HEALTH_NAME_SIZE];
    snprintf(key, sizeof key, "%s", name);
    const size_t i = place_of(board, key);
    if (is_at(board, i, key))
        return &board->entries[i];
    if (board->count == HEALTH_COMPONENTS_MAX)
        return NULL;
    memmove(&board->entries[i + 1], &board->entries[i],
            (board->count - i) * sizeof board->entries[0]);
    board->count++;
    board->entries[i] = (struct health_entry){.latency_ms = HEALTH_NO_LATENCY};
    memcpy(board->entries[i].name, key, sizeof key);
    return &board->entries[i];
}

static void report(struct health_board *board, struct health_entry *entry,
                   enum health_status status, const char *text)
{
    const int64_t now_ms = clock_wall_ms();
    const bool status_changed = entry->since_ms == 0 || entry->status != status;
    if (status_changed)
        entry->since_ms = now_ms;
    if (status_changed || strcmp(entry->output, text) != 0)
        atomic_fetch_add(&board->version, 1);
    entry->status = status;
    entry->checked_ms = now_ms;
    snprintf(entry->output, sizeof entry->output, "%s", text);
}

void health_set(struct health_board *board, const char *name, enum health_status status,
                int64_t latency_ms, const char *fmt, ...)
{
    if (!board)
        return;
    char text[HEALTH_OUTPUT_SIZE];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);

    pthread_mutex_lock(&board->lock);
    struct health_entry *entry = entry_of(board, name);
    if (entry) {
        entry->latency_ms = latency_ms;
        report(board, entry, status, text);
    }
    pthread_mutex_unlock(&board->lock);
}

void health_pass(struct health_board *board, const char *name, int64_t latency_ms)
{
    health_set(board, name, HEALTH_PASS, latency_ms, "%s", "");
}

void health_remove(struct health_board *board, const char *name)
{
    pthread_mutex_lock(&board->lock);
    const size_t i = place_of(board, name);
    if (is_at(board, i, name)) {
        board->count--;
        memmove(&board->entries[i], &board->entries[i + 1],
                (board->count - i) * sizeof board->entries[0]);
        atomic_fetch_add(&board->version, 1);
    }
    pthread_mutex_unlock(&board->lock);
}

size_t health_snapshot(struct health_board *board, struct health_entry *ret_entries,
                       size_t max)
{
    pthread_mutex_lock(&board->lock);
    const size_t n = MIN_OF(board->count, max);
    memcpy(ret_entries, board->entries, n * sizeof ret_entries[0]);
    pthread_mutex_unlock(&board->lock);
    return n;
}

bool health_find(struct health_board *board, const char *name,
                 struct health_entry *ret_entry)
{
    pthread_mutex_lock(&board->lock);
    const size_t i = place_of(board, name);
    const bool found = is_at(board, i, name);
    if (found)
        *ret_entry = board->entries[i];
    pthread_mutex_unlock(&board->lock);
    return found;
}

bool health_is_critical(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(critical_names); i++)
        if (strcmp(critical_names[i], name) == 0)
            return true;
    return false;
}

static enum health_status worst_of(const struct health_entry *entries, size_t n)
{
    enum health_status worst = HEALTH_PASS;
    for (size_t i = 0; i < n; i++) {
        enum health_status status = entries[i].status;
        if (status == HEALTH_FAIL && !health_is_critical(entries[i].name))
            status = HEALTH_WARN;
        worst = MAX_OF(worst, status);
    }
    return worst;
}

enum health_status health_overall(struct health_board *board)
{
    pthread_mutex_lock(&board->lock);
    const enum health_status worst = worst_of(board->entries, board->count);
    pthread_mutex_unlock(&board->lock);
    return worst;
}

uint64_t health_version(const struct health_board *board)
{
    return atomic_load(&board->version);
}

void health_board_ready(struct health_board *board, bool ready)
{
    if (board)
        atomic_store(&board->ready, ready);
}

void health_board_draining(struct health_board *board)
{
    if (board)
        atomic_store(&board->draining, true);
}

bool health_is_ready(const struct health_board *board)
{
    return atomic_load(&board->ready) && !atomic_load(&board->draining);
}

bool health_is_draining(const struct health_board *board)
{
    return atomic_load(&board->draining);
}

const char *health_status_text(enum health_status status)
{
    return status_texts[status];
}

bool health_status_parse(const char *text, enum health_status *ret_status)
{
    for (size_t i = 0; i < ARRAY_LEN(status_texts); i++) {
        if (strcmp(status_texts[i], text) == 0) {
            *ret_status = (enum health_status)i;
            return true;
        }
    }
    return false;
}

static void write_check(const struct health_entry *entry, struct strbuf *out)
{
    char time_text[CLOCK_ISO8601_SIZE];
    strbuf_add_json(out, entry->name, strlen(entry->name));
    strbuf_addf(out, ":[{\"status\":\"%s\"", status_texts[entry->status]);
    if (entry->latency_ms >= 0)
        strbuf_addf(out, ",\"observedValue\":%lld,\"observedUnit\":\"ms\"",
                    (long long)entry->latency_ms);
    clock_iso8601(entry->checked_ms, time_text);
    strbuf_addf(out, ",\"time\":\"%s\"", time_text);
    clock_iso8601(entry->since_ms, time_text);
    strbuf_addf(out, ",\"since\":\"%s\"", time_text);
    if (entry->output[0]) {
        strbuf_add_text(out, ",\"output\":");
        strbuf_add_json(out, entry->output, strlen(entry->output));
    }
    strbuf_add_text(out, "}]");
}

void health_write(struct health_board *board, const char *service, int64_t now_ms,
                  struct strbuf *out)
{
    struct health_entry entries[HEALTH_COMPONENTS_MAX];
    const size_t n = health_snapshot(board, entries, ARRAY_LEN(entries));
    char time_text[CLOCK_ISO8601_SIZE];
    clock_iso8601(now_ms, time_text);
    strbuf_addf(out, "{\"status\":\"%s\",\"version\":\"1\",\"releaseId\":\"%s\"",
                status_texts[worst_of(entries, n)], FLIGHTDASH_VERSION);
    strbuf_add_text(out, ",\"serviceId\":");
    strbuf_add_json(out, service, strlen(service));
    strbuf_addf(out, ",\"time\":\"%s\",\"ready\":%s,\"draining\":%s,\"checks\":{",
                time_text, health_is_ready(board) ? "true" : "false",
                health_is_draining(board) ? "true" : "false");
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            strbuf_add_char(out, ',');
        write_check(&entries[i], out);
    }
    strbuf_add_text(out, "}}");
}
