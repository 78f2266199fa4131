#include "monitor/service_table.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/strbuf.h"

enum { SERVICE_OBJECT_MAX = 64 * 1024 };

struct change {
    int64_t at_ms;
    enum health_status status;
    char output[HEALTH_OUTPUT_SIZE];
};

struct service {
    struct service_health health;
    enum service_origin origin;
    unsigned told_by; /* bits of enum service_origin */
    bool gone;
    int64_t reported_ms;
    uint64_t version;
    size_t changes; /* ever; the ring keeps the last SERVICE_HISTORY_MAX */
    struct change history[SERVICE_HISTORY_MAX];
};

struct service_table {
    pthread_mutex_t lock;
    struct service *services[SERVICE_TABLE_MAX]; /* sorted by name */
    size_t count;
    uint64_t version;
    service_change_fn on_change;
    void *on_change_data;
};

/* The services already visited while causes are searched: dependencies may be a ring.
 */
struct visit {
    bool seen[SERVICE_TABLE_MAX];
    size_t found;
};

struct service_table *service_table_new(void)
{
    struct service_table *table = xcalloc(1, sizeof *table);
    pthread_mutex_init(&table->lock, NULL);
    return table;
}

void service_table_free(struct service_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->count; i++)
        free(table->services[i]);
    pthread_mutex_destroy(&table->lock);
    free(table);
}

void service_table_on_change(struct service_table *table, service_change_fn fn,
                             void *data)
{
    table->on_change = fn;
    table->on_change_data = data;
}

/* The index at which a name is, or belongs. */
static size_t place_of(const struct service_table *table, const char *name)
{
    size_t low = 0;
    size_t high = table->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (strcmp(table->services[middle]->health.service, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Gone ones too. */
static struct service *find_any(const struct service_table *table, const char *name)
{
    const size_t i = place_of(table, name);
    if (i < table->count && strcmp(table->services[i]->health.service, name) == 0)
        return table->services[i];
    return NULL;
}

static struct service *find(const struct service_table *table, const char *name)
{
    struct service *known = find_any(table, name);
    return known && !known->gone ? known : NULL;
}

/* A place of one that is gone; its readers have had their time. */
static void make_room(struct service_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        if (!table->services[i]->gone)
            continue;
        free(table->services[i]);
        table->count--;
        memmove(&table->services[i], &table->services[i + 1],
                (table->count - i) * sizeof(struct service *));
        return;
    }
}

static struct service *insert(struct service_table *table, const char *name)
{
    if (table->count == SERVICE_TABLE_MAX)
        make_room(table);
    if (table->count == SERVICE_TABLE_MAX)
        return NULL;
    const size_t i = place_of(table, name);
    memmove(&table->services[i + 1], &table->services[i],
            (table->count - i) * sizeof(struct service *));
    table->count++;
    table->services[i] = xcalloc(1, sizeof(struct service));
    return table->services[i];
}

static void remember_change(struct service *service)
{
    struct change *change = &service->history[service->changes++ % SERVICE_HISTORY_MAX];
    change->at_ms = service->health.since_ms;
    change->status = service->health.status;
    memcpy(change->output, service->health.output, sizeof change->output);
}

static bool is_older(const struct service *known, enum service_origin origin,
                     const struct service_health *health)
{
    return known->version != 0 && known->origin != origin &&
           health->since_ms < known->health.since_ms;
}

static bool is_same(const struct service_health *a, const struct service_health *b)
{
    return a->status == b->status && a->since_ms == b->since_ms &&
           a->latency_ms == b->latency_ms && strcmp(a->output, b->output) == 0 &&
           a->depends_count == b->depends_count &&
           memcmp(a->depends_on, b->depends_on, sizeof a->depends_on) == 0;
}

/* Stores the report; true in ret_turned when the status is another one now. */
static bool store(struct service_table *table, enum service_origin origin,
                  const struct service_health *health, int64_t now_ms, bool *ret_turned)
{
    struct service *known = find_any(table, health->service);
    if (known && !known->gone && is_older(known, origin, health))
        return false;
    if (!known)
        known = insert(table, health->service);
    if (!known)
        return false;
    const bool is_new = known->version == 0 || known->gone;
    const bool turned = is_new || known->health.status != health->status;
    known->origin = origin;
    known->told_by |= 1U << origin;
    known->gone = false;
    known->reported_ms = now_ms;
    if (!is_new && is_same(&known->health, health))
        return true;
    known->health = *health;
    known->version = ++table->version;
    if (turned)
        remember_change(known);
    *ret_turned = turned;
    return true;
}

bool service_table_put(struct service_table *table, enum service_origin origin,
                       const struct service_health *health, int64_t now_ms)
{
    struct service_health clean = *health;
    if (clean.since_ms <= 0 || clean.since_ms > now_ms)
        clean.since_ms = now_ms;
    bool turned = false;
    pthread_mutex_lock(&table->lock);
    const bool taken = store(table, origin, &clean, now_ms, &turned);
    pthread_mutex_unlock(&table->lock);
    if (turned && table->on_change)
        table->on_change(table->on_change_data, &clean);
    return taken;
}

bool service_table_remove(struct service_table *table, enum service_origin origin,
                          const char *service, struct service_health *ret_last)
{
    pthread_mutex_lock(&table->lock);
    struct service *known = find(table, service);
    if (known) {
        known->told_by &= ~(1U << origin);
        known->gone = known->told_by == 0;
    }
    const bool gone = known && known->gone;
    if (gone) {
        known->version = ++table->version;
        *ret_last = known->health;
    }
    pthread_mutex_unlock(&table->lock);
    return gone;
}

bool service_table_put_json(struct service_table *table, enum service_origin origin,
                            const char *json, size_t len, int64_t now_ms,
                            struct strbuf *ret_error)
{
    struct service_health health;
    if (service_health_parse(json, len, &health, ret_error) != 0)
        return false;
    return service_table_put(table, origin, &health, now_ms);
}

bool service_table_find(struct service_table *table, const char *service,
                        struct service_health *ret_health)
{
    pthread_mutex_lock(&table->lock);
    const struct service *known = find(table, service);
    if (known)
        *ret_health = known->health;
    pthread_mutex_unlock(&table->lock);
    return known != NULL;
}

uint64_t service_table_version(struct service_table *table)
{
    pthread_mutex_lock(&table->lock);
    const uint64_t version = table->version;
    pthread_mutex_unlock(&table->lock);
    return version;
}

static bool has_failed(const struct service *service)
{
    return service && service->health.status == HEALTH_FAIL;
}

/*
 * Adds the names of the deepest failed services below `service`. A failed
 * service with no failed one below is its own cause, and its caller's.
 */
static bool write_causes(const struct service_table *table,
                         const struct service *service, struct visit *visit,
                         struct strbuf *out)
{
    bool any = false;
    for (size_t i = 0; i < service->health.depends_count; i++) {
        const char *name = service->health.depends_on[i];
        const struct service *below = find(table, name);
        const size_t place = place_of(table, name);
        if (!has_failed(below))
            continue;
        any = true;
        if (visit->seen[place])
            continue;
        visit->seen[place] = true;
        if (write_causes(table, below, visit, out))
            continue;
        strbuf_add_text(out, visit->found++ > 0 ? "," : "");
        strbuf_add_json(out, name, strlen(name));
    }
    return any;
}

/* All of the object but its end. */
static void write_service(const struct service_table *table,
                          const struct service *service, struct strbuf *out)
{
    if (service->gone) {
        const char *name = service->health.service;
        strbuf_add_text(out, "{\"service\":");
        strbuf_add_json(out, name, strlen(name));
        strbuf_add_text(out, ",\"removed\":true");
        return;
    }
    struct visit visit = {.found = 0};
    visit.seen[place_of(table, service->health.service)] = true;
    strbuf_add_char(out, '{');
    service_health_write_members(&service->health, out);
    strbuf_add_text(out, ",\"reported\":");
    strbuf_add_fixed(out, service->reported_ms, 3);
    strbuf_add_text(out, ",\"root_cause\":[");
    write_causes(table, service, &visit, out);
    strbuf_add_char(out, ']');
}

/* Who begins to read need not hear of what is gone. */
static bool is_news(const struct service *service, uint64_t after)
{
    return service->version > after && !(service->gone && after == 0);
}

size_t service_table_write(struct service_table *table, uint64_t after, size_t limit,
                           struct strbuf *out)
{
    size_t matching = 0;
    pthread_mutex_lock(&table->lock);
    strbuf_add_char(out, '[');
    for (size_t i = 0; i < table->count; i++) {
        if (!is_news(table->services[i], after))
            continue;
        if (matching++ >= limit)
            continue;
        if (matching > 1)
            strbuf_add_char(out, ',');
        write_service(table, table->services[i], out);
        strbuf_add_char(out, '}');
    }
    strbuf_add_char(out, ']');
    pthread_mutex_unlock(&table->lock);
    return matching;
}

void service_table_visit(struct service_table *table, uint64_t after,
                         service_visit_fn fn, void *data)
{
    struct strbuf json;
    strbuf_init(&json, SERVICE_OBJECT_MAX);
    pthread_mutex_lock(&table->lock);
    for (size_t i = 0; i < table->count; i++) {
        const struct service *service = table->services[i];
        if (!is_news(service, after))
            continue;
        strbuf_clear(&json);
        write_service(table, service, &json);
        strbuf_add_char(&json, '}');
        fn(data, service->health.service, strbuf_text(&json), json.len);
    }
    pthread_mutex_unlock(&table->lock);
    strbuf_release(&json);
}

static void write_history(const struct service *service, struct strbuf *out)
{
    size_t i = service->changes > SERVICE_HISTORY_MAX
                   ? service->changes - SERVICE_HISTORY_MAX
                   : 0;
    strbuf_add_text(out, ",\"history\":[");
    for (const size_t first = i; i < service->changes; i++) {
        const struct change *change = &service->history[i % SERVICE_HISTORY_MAX];
        strbuf_add_text(out, i > first ? ",{\"at\":" : "{\"at\":");
        strbuf_add_fixed(out, change->at_ms, 3);
        strbuf_addf(
            out, ",\"status\":\"%s\",\"output\":", health_status_text(change->status));
        strbuf_add_json(out, change->output, strlen(change->output));
        strbuf_add_char(out, '}');
    }
    strbuf_add_char(out, ']');
}

bool service_table_write_one(struct service_table *table, const char *service,
                             struct strbuf *out)
{
    pthread_mutex_lock(&table->lock);
    const struct service *known = find(table, service);
    if (known) {
        write_service(table, known, out);
        write_history(known, out);
        strbuf_add_char(out, '}');
    }
    pthread_mutex_unlock(&table->lock);
    return known != NULL;
}
