#include "upstream/log_hit.h"

#include "base/strbuf.h"

/* Where the flattening is: the dotted name so far, and what was written. */
struct flattening {
    struct strbuf *out;
    struct strbuf name;
    size_t start; /* of the fields in out */
    size_t fields;
    bool truncated;
};

static void write_text(const char *text, size_t len, struct flattening *f)
{
    if (len > LOG_HIT_TEXT_MAX) {
        len = LOG_HIT_TEXT_MAX;
        f->truncated = true;
    }
    strbuf_add_json(f->out, text, len);
}

static void write_scalar(const json_t *value, struct flattening *f)
{
    char *dump = NULL;
    if (json_is_string(value)) {
        write_text(json_string_value(value), json_string_length(value), f);
        return;
    }
    dump = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    if (json_is_array(value) || json_is_object(value))
        write_text(dump ? dump : "", dump ? strlen(dump) : 0, f);
    else
        strbuf_add_text(f->out, dump ? dump : "null");
    free(dump);
}

static void write_field(const json_t *value, struct flattening *f)
{
    if (f->fields >= LOG_HIT_FIELDS_MAX || f->out->len - f->start > LOG_HIT_BYTES_MAX) {
        f->truncated = true;
        return;
    }
    if (f->fields++ > 0)
        strbuf_add_char(f->out, ',');
    strbuf_add_json(f->out, strbuf_text(&f->name), f->name.len);
    strbuf_add_char(f->out, ':');
    write_scalar(value, f);
}

/* Objects within objects become dotted names; depth is bounded by the caller's. */
static void flatten(const json_t *object, int depth, struct flattening *f)
{
    const char *key = NULL;
    json_t *value = NULL;
    const size_t base = f->name.len;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        strbuf_add_text(&f->name, base > 0 ? "." : "");
        strbuf_add_text(&f->name, key);
        if (json_is_object(value) && json_object_size(value) > 0 &&
            depth < LOG_HIT_DEPTH_MAX)
            flatten(value, depth + 1, f);
        else
            write_field(value, f);
        strbuf_truncate(&f->name, base);
    }
}

/* "log.level" as a dotted key or as nested objects. */
static const char *find_text(const json_t *source, const char *outer, const char *inner)
{
    char dotted[64];
    snprintf(dotted, sizeof dotted, "%s.%s", outer, inner);
    const json_t *value = json_object_get(source, dotted);
    if (!value)
        value = json_object_get(json_object_get(source, outer), inner);
    return json_string_value(value);
}

static void write_member(const char *key, const char *text, struct flattening *f)
{
    if (!text)
        return;
    strbuf_addf(f->out, ",\"%s\":", key);
    write_text(text, strlen(text), f);
}

const char *log_hit_id(const json_t *hit)
{
    return json_string_value(json_object_get(hit, "_id"));
}

bool log_hit_time(const json_t *hit, int64_t *ret_ms)
{
    const json_t *value = json_array_get(json_object_get(hit, "sort"), 0);
    const char *text = json_string_value(value);
    char *end = NULL;
    const long long ms = text ? strtoll(text, &end, 10) : json_integer_value(value);
    if ((text && (end == text || *end)) || (!text && !json_is_integer(value)))
        return false;
    *ret_ms = ms;
    return true;
}

bool log_hit_write(const json_t *hit, struct strbuf *out)
{
    const json_t *source = json_object_get(hit, "_source");
    const char *id = log_hit_id(hit);
    int64_t time_ms = 0;
    if (!json_is_object(source) || !id || !log_hit_time(hit, &time_ms))
        return false;
    struct flattening f = {.out = out};
    strbuf_init(&f.name, 1024);
    strbuf_add_text(out, "{\"id\":");
    strbuf_add_json(out, id, strlen(id));
    write_member("index", json_string_value(json_object_get(hit, "_index")), &f);
    strbuf_add_text(out, ",\"time\":");
    strbuf_add_fixed(out, time_ms, 3);
    write_member("level", find_text(source, "log", "level"), &f);
    write_member("service", find_text(source, "service", "name"), &f);
    write_member("message", json_string_value(json_object_get(source, "message")), &f);
    strbuf_add_text(out, ",\"fields\":{");
    f.start = out->len;
    flatten(source, 0, &f);
    strbuf_add_text(out, f.truncated ? "},\"truncated\":true}" : "}}");
    strbuf_release(&f.name);
    return true;
}
