#include "monitor/alert_table.h"

#include <pthread.h>

#include <jansson.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "monitor/service_health.h"

static const char *const severity_texts[] = {
    [ALERT_INFO] = "info", [ALERT_WARNING] = "warning", [ALERT_CRITICAL] = "critical"};

struct early_ack {
    char id[ALERT_ID_SIZE];
    int64_t at_ms;
};

struct alert_table {
    pthread_mutex_t lock;
    struct alert alerts[ALERT_TABLE_MAX]; /* in no order */
    size_t count;
    uint64_t version;
    struct early_ack early[ALERT_EARLY_ACKS_MAX]; /* a ring; "" = none */
    size_t early_next;
};

struct alert_table *alert_table_new(void)
{
    struct alert_table *table = xcalloc(1, sizeof *table);
    pthread_mutex_init(&table->lock, NULL);
    return table;
}

void alert_table_free(struct alert_table *table)
{
    if (!table)
        return;
    pthread_mutex_destroy(&table->lock);
    free(table);
}

static struct alert *find(struct alert_table *table, const char *id)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->alerts[i].id, id) == 0)
            return &table->alerts[i];
    return NULL;
}

/* True when a should make room before b. */
static bool goes_before(const struct alert *a, const struct alert *b)
{
    if ((a->until_ms != 0) != (b->until_ms != 0))
        return a->until_ms != 0;
    return a->since_ms < b->since_ms;
}

static struct alert *make_room(struct alert_table *table)
{
    if (table->count < ALERT_TABLE_MAX)
        return &table->alerts[table->count++];
    struct alert *victim = &table->alerts[0];
    for (size_t i = 1; i < table->count; i++)
        if (goes_before(&table->alerts[i], victim))
            victim = &table->alerts[i];
    return victim;
}

/* An earlier alert of the same kind and subject, whose end was never told, is over. */
static void end_earlier(struct alert_table *table, const struct alert *by)
{
    for (size_t i = 0; i < table->count; i++) {
        struct alert *alert = &table->alerts[i];
        if (alert->until_ms == 0 && alert->since_ms < by->since_ms &&
            strcmp(alert->kind, by->kind) == 0 &&
            strcmp(alert->subject, by->subject) == 0) {
            alert->until_ms = by->since_ms;
            alert->version = ++table->version;
        }
    }
}

static bool is_same(const struct alert *a, const struct alert *b)
{
    return a->until_ms == b->until_ms && a->severity == b->severity &&
           strcmp(a->text, b->text) == 0 && strcmp(a->squawk, b->squawk) == 0;
}

static void make_id(struct alert *alert)
{
    snprintf(alert->id, sizeof alert->id, "%s:%s:%lld", alert->kind, alert->subject,
             (long long)(alert->since_ms / 1000));
}

static struct early_ack *find_early(struct alert_table *table, const char *id)
{
    for (size_t i = 0; i < ALERT_EARLY_ACKS_MAX; i++)
        if (strcmp(table->early[i].id, id) == 0)
            return &table->early[i];
    return NULL;
}

static void keep_early(struct alert_table *table, const char *id, int64_t at_ms)
{
    if (id[0] == '\0' || strlen(id) >= ALERT_ID_SIZE || find_early(table, id) != NULL)
        return;
    struct early_ack *early = &table->early[table->early_next];
    table->early_next = (table->early_next + 1) % ALERT_EARLY_ACKS_MAX;
    snprintf(early->id, sizeof early->id, "%s", id);
    early->at_ms = at_ms;
}

static void take_early(struct alert_table *table, struct alert *alert)
{
    struct early_ack *early = find_early(table, alert->id);
    if (early == NULL)
        return;
    alert->acked_ms = early->at_ms;
    early->id[0] = '\0';
}

static bool store(struct alert_table *table, struct alert *alert)
{
    struct alert *known = find(table, alert->id);
    if (known && is_same(known, alert))
        return false;
    if (known) {
        alert->acked_ms = known->acked_ms;
    } else {
        end_earlier(table, alert);
        take_early(table, alert);
        known = make_room(table);
    }
    alert->version = ++table->version;
    *known = *alert;
    return true;
}

bool alert_table_put(struct alert_table *table, const struct alert *alert)
{
    struct alert copy = *alert;
    make_id(&copy);
    pthread_mutex_lock(&table->lock);
    const bool changed = store(table, &copy);
    pthread_mutex_unlock(&table->lock);
    return changed;
}

static enum alert_severity severity_of(const char *text)
{
    for (size_t i = 0; text && i < ARRAY_LEN(severity_texts); i++)
        if (strcmp(severity_texts[i], text) == 0)
            return (enum alert_severity)i;
    return ALERT_CRITICAL; /* what is not understood is not played down */
}

static int64_t time_ms_of(const json_t *root, const char *key)
{
    const double seconds = json_number_value(json_object_get(root, key));
    return seconds > 0 && seconds < 253402300799.0 ? (int64_t)(seconds * 1e3 + 0.5) : 0;
}

static const char *text_of(const json_t *root, const char *key)
{
    const char *text = json_string_value(json_object_get(root, key));
    return text ? text : "";
}

static bool read_alert(const json_t *root, struct alert *ret_alert,
                       struct strbuf *ret_error)
{
    struct alert alert = {0};
    snprintf(alert.kind, sizeof alert.kind, "%s", text_of(root, "kind"));
    snprintf(alert.subject, sizeof alert.subject, "%s", text_of(root, "icao24"));
    snprintf(alert.squawk, sizeof alert.squawk, "%s", text_of(root, "squawk"));
    snprintf(alert.text, sizeof alert.text, "%s", text_of(root, "text"));
    alert.severity = severity_of(text_of(root, "severity"));
    alert.since_ms = time_ms_of(root, "since");
    alert.until_ms = time_ms_of(root, "until");
    if (!alert.kind[0] || !alert.subject[0] || alert.since_ms == 0) {
        strbuf_add_text(ret_error, "kind, icao24 and since expected");
        return false;
    }
    *ret_alert = alert;
    return true;
}

bool alert_table_put_json(struct alert_table *table, const char *json, size_t len,
                          struct strbuf *ret_error)
{
    struct alert alert;
    json_t *root = NULL;
    if (len <= ALERT_JSON_MAX)
        root = json_loadb(json, len, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(root)) {
        json_decref(root);
        strbuf_add_text(ret_error, "not a JSON object of at most 16 KiB");
        return false;
    }
    const bool usable = read_alert(root, &alert, ret_error);
    json_decref(root);
    if (usable)
        alert_table_put(table, &alert);
    return usable;
}

/* Ends what is active of a service; `since` of the recovery is the end. */
static void end_service(struct alert_table *table, const struct service_health *health)
{
    for (size_t i = 0; i < table->count; i++) {
        struct alert *alert = &table->alerts[i];
        if (alert->about_service && alert->until_ms == 0 &&
            strcmp(alert->subject, health->service) == 0) {
            alert->until_ms = MAX_OF(health->since_ms, alert->since_ms);
            alert->version = ++table->version;
        }
    }
}

void alert_table_put_service(struct alert_table *table,
                             const struct service_health *health)
{
    if (health->status != HEALTH_FAIL) {
        pthread_mutex_lock(&table->lock);
        end_service(table, health);
        pthread_mutex_unlock(&table->lock);
        return;
    }
    struct alert alert = {.severity = ALERT_CRITICAL,
                          .about_service = true,
                          .since_ms = health->since_ms};
    snprintf(alert.kind, sizeof alert.kind, "service");
    snprintf(alert.subject, sizeof alert.subject, "%s", health->service);
    snprintf(alert.text, sizeof alert.text, "%s: %.80s", health->service,
             health->output[0] ? health->output : "failed");
    alert_table_put(table, &alert);
}

bool alert_table_ack(struct alert_table *table, const char *id, int64_t now_ms)
{
    pthread_mutex_lock(&table->lock);
    struct alert *alert = find(table, id);
    if (alert && alert->acked_ms == 0) {
        alert->acked_ms = now_ms;
        alert->version = ++table->version;
    } else if (!alert) {
        keep_early(table, id, now_ms);
    }
    pthread_mutex_unlock(&table->lock);
    return alert != NULL;
}

bool alert_table_has(struct alert_table *table, const char *id)
{
    pthread_mutex_lock(&table->lock);
    const bool has = find(table, id) != NULL;
    pthread_mutex_unlock(&table->lock);
    return has;
}

uint64_t alert_table_version(struct alert_table *table)
{
    pthread_mutex_lock(&table->lock);
    const uint64_t version = table->version;
    pthread_mutex_unlock(&table->lock);
    return version;
}

size_t alert_table_open_count(struct alert_table *table)
{
    size_t open = 0;
    pthread_mutex_lock(&table->lock);
    for (size_t i = 0; i < table->count; i++)
        open += table->alerts[i].until_ms == 0 && table->alerts[i].acked_ms == 0;
    pthread_mutex_unlock(&table->lock);
    return open;
}

static void write_text_member(const char *key, const char *text, struct strbuf *out)
{
    strbuf_addf(out, ",\"%s\":", key);
    strbuf_add_json(out, text, strlen(text));
}

static void write_time_member(const char *key, int64_t at_ms, struct strbuf *out)
{
    strbuf_addf(out, ",\"%s\":", key);
    strbuf_add_fixed(out, at_ms, 3);
}

static void write_alert(const struct alert *alert, struct strbuf *out)
{
    strbuf_add_text(out, "{\"id\":");
    strbuf_add_json(out, alert->id, strlen(alert->id));
    write_text_member("kind", alert->kind, out);
    write_text_member("severity", severity_texts[alert->severity], out);
    write_text_member(alert->about_service ? "service" : "icao24", alert->subject, out);
    write_time_member("since", alert->since_ms, out);
    if (alert->until_ms)
        write_time_member("until", alert->until_ms, out);
    if (alert->acked_ms)
        write_time_member("acked", alert->acked_ms, out);
    if (alert->squawk[0])
        write_text_member("squawk", alert->squawk, out);
    write_text_member("text", alert->text, out);
    strbuf_addf(out, ",\"active\":%s}", alert->until_ms ? "false" : "true");
}

static int newest_first(const void *a, const void *b)
{
    const struct alert *const *left = a;
    const struct alert *const *right = b;
    if ((*left)->since_ms != (*right)->since_ms)
        return (*left)->since_ms < (*right)->since_ms ? 1 : -1;
    return strcmp((*left)->id, (*right)->id);
}

static bool is_chosen(const struct alert *alert, enum alert_choice choice)
{
    const bool ended = alert->until_ms != 0;
    return choice == ALERT_ANY || ended == (choice == ALERT_ENDED);
}

size_t alert_table_write(struct alert_table *table, uint64_t after,
                         enum alert_choice choice, size_t limit, struct strbuf *out)
{
    const struct alert *chosen[ALERT_TABLE_MAX];
    size_t n = 0;
    pthread_mutex_lock(&table->lock);
    for (size_t i = 0; i < table->count; i++) {
        const struct alert *alert = &table->alerts[i];
        if (alert->version > after && is_chosen(alert, choice))
            chosen[n++] = alert;
    }
    qsort(chosen, n, sizeof(struct alert *), newest_first);
    strbuf_add_char(out, '[');
    for (size_t i = 0; i < n && i < limit; i++) {
        if (i > 0)
            strbuf_add_char(out, ',');
        write_alert(chosen[i], out);
    }
    strbuf_add_char(out, ']');
    pthread_mutex_unlock(&table->lock);
    return n;
}

void alert_table_visit(struct alert_table *table, uint64_t after, alert_visit_fn fn,
                       void *data)
{
    struct strbuf json;
    strbuf_init(&json, ALERT_JSON_MAX);
    pthread_mutex_lock(&table->lock);
    for (size_t i = 0; i < table->count; i++) {
        if (table->alerts[i].version <= after)
            continue;
        strbuf_clear(&json);
        write_alert(&table->alerts[i], &json);
        fn(data, table->alerts[i].id, strbuf_text(&json), json.len);
    }
    pthread_mutex_unlock(&table->lock);
    strbuf_release(&json);
}
