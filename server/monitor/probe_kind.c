#include "monitor/probe_kind.h"

#include <jansson.h>

#include "base/macros.h"
#include "base/strbuf.h"

/*
 * Kafka's ApiVersions request, version 0, correlation id 1 (Kafka protocol
 * guide): every broker answers it, on a plain-text listener without any login.
 */
static const char kafka_say[] = "\0\0\0\x14\0\x12\0\0\0\0\0\1\0\x0a"
                                "flightdash";
static const char redis_say[] = "PING\r\n";

/* A length, then our correlation id. */
static bool is_kafka_answer(const char *bytes, size_t len)
{
    return len >= 8 && memcmp(bytes + 4, "\0\0\0\1", 4) == 0;
}

/* A server that wants a password first is alive. */
static bool is_redis_answer(const char *bytes, size_t len)
{
    static const char *const answers[] = {"+PONG", "-NOAUTH", "-NOPERM"};
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        const size_t n = strlen(answers[i]);
        if (len >= n && memcmp(bytes, answers[i], n) == 0)
            return true;
    }
    return false;
}

static const struct probe_kind kinds[] = {
    {.name = "http", .http = true},
    {.name = "kafka",
     .say = kafka_say,
     .say_len = sizeof kafka_say - 1,
     .is_answer = is_kafka_answer},
    {.name = "redis",
     .say = redis_say,
     .say_len = sizeof redis_say - 1,
     .is_answer = is_redis_answer},
    {.name = "tcp"},
};

const struct probe_kind *probe_kind_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

/* "kafka: no answer; redis: refused": the checks that do not pass. */
static void write_troubles(const json_t *checks, struct strbuf *out)
{
    const char *name = NULL;
    json_t *entries = NULL;
    json_object_foreach((json_t *)(uintptr_t)checks, name, entries)
    {
        const json_t *check = json_array_get(entries, 0);
        const char *status = json_string_value(json_object_get(check, "status"));
        const char *output = json_string_value(json_object_get(check, "output"));
        if (!status || strcmp(status, "pass") == 0)
            continue;
        strbuf_addf(out, "%s%.40s: %.100s", out->len ? "; " : "", name,
                    output ? output : status);
    }
}

enum health_status probe_http_verdict(int http_status, const char *body, size_t len,
                                      struct strbuf *ret_output)
{
    json_t *root = json_loadb(body, len, 0, NULL);
    const char *text = json_string_value(json_object_get(root, "status"));
    enum health_status status = HEALTH_FAIL;
    if (text && health_status_parse(text, &status)) {
        if (status != HEALTH_PASS)
            write_troubles(json_object_get(root, "checks"), ret_output);
    } else if (http_status >= 200 && http_status < 300) {
        status = HEALTH_PASS;
    } else {
        strbuf_addf(ret_output, "answered %d", http_status);
    }
    json_decref(root);
    return status;
}
