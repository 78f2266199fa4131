#include "app/service_list.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/alloc.h"

static bool status_of(const char *text, enum service_status *ret)
{
    static const char *const words[] = {"fail", "warn", "pass"};
    for (int i = 0; text != NULL && i < 3; i++) {
        if (strcmp(words[i], text) == 0) {
            *ret = (enum service_status)i;
            return true;
        }
    }
    return false;
}

const char *service_status_text(enum service_status status)
{
    return status == SERVICE_FAIL ? "fail" : status == SERVICE_WARN ? "warn" : "pass";
}

static void add_needs(struct service *s, const json_t *needs)
{
    for (size_t i = 0; i < json_array_size(needs); i++) {
        const char *name = json_string_value(json_array_get(needs, i));
        size_t used = strlen(s->needs);
        if (name != NULL && used + strlen(name) + 3 < sizeof s->needs)
            snprintf(s->needs + used, sizeof s->needs - used, "%s%s",
                     used > 0 ? ", " : "", name);
    }
}

/* A time of a name, epoch seconds on the wire; 0 = not said. */
static int64_t time_of(const json_t *o, const char *name)
{
    const json_t *time = json_object_get(o, name);
    double s = json_is_number(time) ? json_number_value(time) : 0;
    return s > 0 && s < 1e11 ? (int64_t)llround(s * 1000) : 0;
}

static bool read_service(const json_t *o, struct service *ret)
{
    const char *name = json_string_value(json_object_get(o, "service"));
    struct service s = {.latency_ms = -1};
    if (name == NULL || name[0] == '\0' ||
        !status_of(json_string_value(json_object_get(o, "status")), &s.status))
        return false;
    snprintf(s.name, sizeof s.name, "%s", name);
    s.since_ms = time_of(o, "since");
    s.heard_ms = time_of(o, "heard");
    const json_t *latency = json_object_get(o, "latency_ms");
    if (json_is_number(latency))
        s.latency_ms = json_number_value(latency);
    const char *says = json_string_value(json_object_get(o, "output"));
    snprintf(s.says, sizeof s.says, "%s", says != NULL ? says : "");
    add_needs(&s, json_object_get(o, "depends_on"));
    *ret = s;
    return true;
}

static int by_trouble(const void *a, const void *b)
{
    const struct service *x = a;
    const struct service *y = b;
    if (x->status != y->status)
        return x->status < y->status ? -1 : 1;
    return strcmp(x->name, y->name);
}

static bool drop(struct service_list *list, const char *name)
{
    for (size_t i = 0; name != NULL && i < list->count; i++) {
        if (strcmp(list->rows[i].name, name) != 0)
            continue;
        list->rows[i] = list->rows[--list->count];
        return true;
    }
    return false;
}

static bool take_one(struct service_list *list, const json_t *o, int64_t now_ms)
{
    struct service s;
    if (json_is_true(json_object_get(o, "removed")))
        return drop(list, json_string_value(json_object_get(o, "service")));
    if (!json_is_object(o) || !read_service(o, &s))
        return false;
    if (s.heard_ms == 0 || s.heard_ms > now_ms)
        s.heard_ms = now_ms;
    size_t i = 0;
    while (i < list->count && strcmp(list->rows[i].name, s.name) != 0)
        i++;
    if (i == SERVICES_MAX)
        return false;
    if (list->rows == NULL)
        list->rows = xcalloc(SERVICES_MAX, sizeof *list->rows);
    list->rows[i] = s;
    list->count = i == list->count ? i + 1 : list->count;
    return true;
}

size_t service_list_take(struct service_list *list, const struct json_t *body,
                         int64_t now_ms)
{
    size_t taken = 0;
    const json_t *many = json_object_get(body, "services");
    for (size_t i = 0; i < json_array_size(many); i++)
        taken += take_one(list, json_array_get(many, i), now_ms) ? 1 : 0;
    const json_t *one = json_object_get(body, "service");
    if (json_is_object(one))
        taken += take_one(list, one, now_ms) ? 1 : 0;
    else if (json_is_string(one))
        taken += take_one(list, body, now_ms) ? 1 : 0;
    list->told = true;
    if (taken > 0)
        qsort(list->rows, list->count, sizeof *list->rows, by_trouble);
    return taken;
}

void service_list_release(struct service_list *list)
{
    free(list->rows);
    memset(list, 0, sizeof *list);
}

enum service_status service_list_worst(const struct service_list *list)
{
    return list->count > 0 ? list->rows[0].status : SERVICE_PASS;
}

const struct service *service_list_find(const struct service_list *list,
                                        const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->rows[i].name, name) == 0)
            return &list->rows[i];
    }
    return NULL;
}

/* The first failing service among the needs of one. */
static const struct service *failing_need(const struct service_list *list,
                                          const struct service *s)
{
    char needs[SERVICE_NEEDS_SIZE];
    snprintf(needs, sizeof needs, "%s", s->needs);
    char *rest = needs;
    for (char *name = strtok_r(needs, ", ", &rest); name != NULL;
         name = strtok_r(NULL, ", ", &rest)) {
        const struct service *need = service_list_find(list, name);
        if (need != NULL && need->status == SERVICE_FAIL)
            return need;
    }
    return NULL;
}

const struct service *service_list_cause(const struct service_list *list,
                                         const struct service *service)
{
    const struct service *cause = NULL;
    const struct service *s = service;
    for (size_t steps = 0; steps < list->count; steps++) { /* a cycle ends too */
        s = failing_need(list, s);
        if (s == NULL || s == service)
            break;
        cause = s;
    }
    return cause;
}
