#include "monitor/service_health.h"

#include <errno.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/strbuf.h"

static const double SECONDS_MAX = 253402300799.0; /* the end of the year 9999 */

static int refuse(struct strbuf *ret_error, const char *why)
{
    strbuf_add_text(ret_error, why);
    return -EINVAL;
}

static bool is_name(const char *text)
{
    const size_t len = text ? strlen(text) : 0;
    if (len == 0 || len >= SERVICE_NAME_SIZE)
        return false;
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return false;
    return true;
}

/* Epoch seconds, or a date as text; 0 when it is neither. */
static int64_t read_time_ms(const json_t *value)
{
    int64_t ms = 0;
    if (json_is_number(value)) {
        const double seconds = json_number_value(value);
        return seconds > 0 && seconds < SECONDS_MAX ? (int64_t)(seconds * 1e3 + 0.5)
                                                    : 0;
    }
    if (json_is_string(value))
        clock_parse_iso8601(json_string_value(value), &ms);
    return ms;
}

static int64_t read_latency_ms(const json_t *value)
{
    const double ms = json_is_number(value) ? json_number_value(value) : -1;
    return ms >= 0 && ms < 1e9 ? (int64_t)(ms + 0.5) : HEALTH_NO_LATENCY;
}

static int read_object(const json_t *root, struct service_health *ret_health,
                       struct strbuf *ret_error)
{
    struct service_health health = {0};
    const char *service = json_string_value(json_object_get(root, "service"));
    const char *status = json_string_value(json_object_get(root, "status"));
    const char *output = json_string_value(json_object_get(root, "output"));
    if (!is_name(service))
        return refuse(ret_error, "service: 1 to 63 printable bytes expected");
    if (!status || !health_status_parse(status, &health.status))
        return refuse(ret_error, "status: pass, warn or fail expected");
    snprintf(health.service, sizeof health.service, "%s", service);
    snprintf(health.output, sizeof health.output, "%s", output ? output : "");
    health.since_ms = read_time_ms(json_object_get(root, "since"));
    health.latency_ms = read_latency_ms(json_object_get(root, "latency_ms"));
    const json_t *depends = json_object_get(root, "depends_on");
    for (size_t i = 0; i < json_array_size(depends); i++) {
        const char *on = json_string_value(json_array_get(depends, i));
        if (is_name(on))
            service_health_depend(&health, on);
    }
    *ret_health = health;
    return 0;
}

int service_health_parse(const char *json, size_t len,
                         struct service_health *ret_health, struct strbuf *ret_error)
{
    if (len > SERVICE_JSON_MAX)
        return refuse(ret_error, "larger than 16 KiB");
    json_error_t error;
    json_t *root = json_loadb(json, len, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(root)) {
        json_decref(root);
        return refuse(ret_error, "not a JSON object");
    }
    const int rc = read_object(root, ret_health, ret_error);
    json_decref(root);
    return rc;
}

void service_health_depend(struct service_health *health, const char *on)
{
    for (size_t i = 0; i < health->depends_count; i++)
        if (strcmp(health->depends_on[i], on) == 0)
            return;
    if (health->depends_count == SERVICE_DEPENDS_MAX)
        return;
    snprintf(health->depends_on[health->depends_count++], SERVICE_NAME_SIZE, "%s", on);
}

void service_health_write_members(const struct service_health *health,
                                  struct strbuf *out)
{
    strbuf_add_text(out, "\"service\":");
    strbuf_add_json(out, health->service, strlen(health->service));
    strbuf_addf(out,
                ",\"status\":\"%s\",\"since\":", health_status_text(health->status));
    strbuf_add_fixed(out, health->since_ms, 3);
    if (health->latency_ms >= 0)
        strbuf_addf(out, ",\"latency_ms\":%lld", (long long)health->latency_ms);
    if (health->output[0]) {
        strbuf_add_text(out, ",\"output\":");
        strbuf_add_json(out, health->output, strlen(health->output));
    }
    strbuf_add_text(out, ",\"depends_on\":[");
    for (size_t i = 0; i < health->depends_count; i++) {
        if (i > 0)
            strbuf_add_char(out, ',');
        strbuf_add_json(out, health->depends_on[i], strlen(health->depends_on[i]));
    }
    strbuf_add_char(out, ']');
}

void service_health_write(const struct service_health *health, struct strbuf *out)
{
    strbuf_add_char(out, '{');
    service_health_write_members(health, out);
    strbuf_add_char(out, '}');
}
