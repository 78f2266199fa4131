#include "app/alert_list.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/alloc.h"

static void copy(const json_t *o, const char *key, char *ret, size_t size)
{
    const char *text = json_string_value(json_object_get(o, key));
    snprintf(ret, size, "%s", text != NULL ? text : "");
}

static int64_t time_of(const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    double s = json_is_number(v) ? json_number_value(v) : 0;
    return s > 0 && s < 1e11 ? (int64_t)llround(s * 1000) : 0;
}

static bool is_open(const struct alert_row *row)
{
    return row->until_ms == 0 && !row->acked && !row->local;
}

/* Open, acknowledged but going on, watched and here, over. */
static int rank(const struct alert_row *row)
{
    if (is_open(row))
        return 0;
    if (row->until_ms != 0)
        return 3;
    return row->local ? 2 : 1;
}

static int by_urgency(const void *a, const void *b)
{
    const struct alert_row *x = a;
    const struct alert_row *y = b;
    if (rank(x) != rank(y))
        return rank(x) - rank(y);
    if (x->since_ms != y->since_ms)
        return x->since_ms > y->since_ms ? -1 : 1;
    return strcmp(x->id, y->id);
}

/* Over the row of the same id, else as a new one. */
static void put(struct alert_list *list, const struct alert_row *row)
{
    if (list->rows == NULL)
        list->rows = xcalloc(ALERTS_MAX, sizeof *list->rows);
    size_t i = 0;
    while (i < list->count && strcmp(list->rows[i].id, row->id) != 0)
        i++;
    if (i == ALERTS_MAX) /* the list is sorted: the least urgent one makes room */
        i = ALERTS_MAX - 1;
    list->rows[i] = *row;
    list->count = i >= list->count ? i + 1 : list->count;
}

static bool take_one(struct alert_list *list, const json_t *o)
{
    struct alert_row row = {0};
    copy(o, "id", row.id, sizeof row.id);
    copy(o, "kind", row.kind, sizeof row.kind);
    copy(o, "severity", row.severity, sizeof row.severity);
    copy(o, "icao24", row.icao24, sizeof row.icao24);
    copy(o, "service", row.service, sizeof row.service);
    copy(o, "text", row.text, sizeof row.text);
    row.since_ms = time_of(o, "since");
    row.until_ms = time_of(o, "until");
    const json_t *acked = json_object_get(o, "acked");
    row.acked_ms = time_of(o, "acked");
    row.acked = json_is_true(acked) || row.acked_ms > 0;
    if (row.kind[0] == '\0')
        return false;
    if (row.id[0] == '\0')
        snprintf(row.id, sizeof row.id, "%s:%s:%lld", row.kind,
                 row.icao24[0] != '\0' ? row.icao24 : row.service,
                 (long long)row.since_ms);
    put(list, &row);
    return true;
}

static void sort(struct alert_list *list)
{
    qsort(list->rows, list->count, sizeof *list->rows, by_urgency);
}

size_t alert_list_take(struct alert_list *list, const struct json_t *body)
{
    size_t taken = 0;
    const json_t *many = json_object_get(body, "alerts");
    for (size_t i = json_array_size(many); i-- > 0;)
        taken += take_one(list, json_array_get(many, i)) ? 1 : 0;
    const json_t *one = json_object_get(body, "alert");
    if (!json_is_array(many))
        taken += take_one(list, json_is_object(one) ? one : body) ? 1 : 0;
    list->told = true;
    if (taken > 0)
        sort(list);
    return taken;
}

void alert_list_tell(struct alert_list *list, const struct alert_row *row)
{
    put(list, row);
    sort(list);
}

void alert_list_forget(struct alert_list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (list->rows[i].local)
            list->rows[kept++] = list->rows[i];
    }
    list->count = kept;
    list->told = false;
}

void alert_list_release(struct alert_list *list)
{
    free(list->rows);
    memset(list, 0, sizeof *list);
}

size_t alert_list_open(const struct alert_list *list)
{
    size_t n = 0;
    while (n < list->count && is_open(&list->rows[n]))
        n++;
    return n;
}

const struct alert_row *alert_list_of(const struct alert_list *list, const char *hex)
{
    for (size_t i = 0; i < list->count && is_open(&list->rows[i]); i++) {
        if (strcmp(list->rows[i].icao24, hex) == 0)
            return &list->rows[i];
    }
    return NULL;
}
