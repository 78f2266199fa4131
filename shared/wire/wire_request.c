#include "wire/wire_request.h"

#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/macros.h"
#include "base/strbuf.h"
#include "flight/flight_fields.h"
#include "wire/wire_limits.h"

#define ID_MAX (INT64_C(1) << 53)
#define HZ_MIN 0.001
#define HZ_MAX 1000.0

/* What a parse step writes to. */
struct parse {
    struct wire_request *request;
    enum wire_fault *fault;
    struct strbuf *message;
};

static bool fail(const struct parse *p, const char *text)
{
    *p->fault = FAULT_BAD_REQUEST;
    strbuf_add_text(p->message, text);
    return false;
}

static bool member_text(const struct parse *p, const json_t *object, const char *name,
                        const char **ret_text)
{
    const json_t *value = json_object_get(object, name);
    if (value == NULL || json_is_null(value))
        return true;
    if (json_is_string(value) &&
        strlen(json_string_value(value)) == json_string_length(value)) {
        *ret_text = json_string_value(value);
        return true;
    }
    strbuf_addf(p->message, "%s: a text is wanted", name);
    return fail(p, "");
}

static bool member_number(const struct parse *p, const json_t *object, const char *name,
                          double min, double max, double *ret_number)
{
    const json_t *value = json_object_get(object, name);
    if (value == NULL || json_is_null(value))
        return true;
    double number = json_number_value(value);
    if (json_is_number(value) && isfinite(number) && number >= min && number <= max) {
        *ret_number = number;
        return true;
    }
    strbuf_addf(p->message, "%s: a number from %g to %g is wanted", name, min, max);
    return fail(p, "");
}

static bool parse_id(const struct parse *p)
{
    const json_t *value = json_object_get(p->request->json, "id");
    if (value == NULL || json_is_null(value))
        return true;
    json_int_t id = json_is_integer(value) ? json_integer_value(value) : -1;
    if (id < 0 || id > ID_MAX)
        return fail(p, "id: an integer from 0 to 2^53 is wanted");
    p->request->id = id;
    p->request->has_id = true;
    return true;
}

static bool need_id(const struct parse *p)
{
    return p->request->has_id || fail(p, "id: missing");
}

static bool parse_resume(const struct parse *p)
{
    const json_t *resume = json_object_get(p->request->json, "resume");
    if (resume == NULL || json_is_null(resume))
        return true;
    if (!json_is_object(resume))
        return fail(p, "resume: an object is wanted");
    double tick = -1;
    if (!member_text(p, resume, "epoch", &p->request->resume_epoch) ||
        !member_number(p, resume, "tick", 0, UINT32_MAX, &tick))
        return false;
    if (p->request->resume_epoch == NULL || tick < 0)
        return fail(p, "resume: epoch and tick are wanted");
    p->request->resume_tick = (uint32_t)tick;
    return true;
}

static bool parse_hello(const struct parse *p)
{
    double version = WIRE_VERSION;
    const char *client = NULL;
    if (!member_number(p, p->request->json, "version", -DBL_MAX, DBL_MAX, &version) ||
        !member_text(p, p->request->json, "client", &client) ||
        !member_text(p, p->request->json, "token", &p->request->token))
        return false;
    /* 1.5 is no version 1. */
    bool ours = version >= WIRE_VERSION && version <= WIRE_VERSION;
    p->request->version = ours ? WIRE_VERSION : 0;
    return parse_resume(p);
}

static bool parse_box(const struct parse *p)
{
    const json_t *value = json_object_get(p->request->json, "bbox");
    if (value == NULL || json_is_null(value))
        return true;
    if (!json_is_array(value) || json_array_size(value) != 4)
        return fail(p, "bbox: [west,south,east,north] is wanted");
    double side[4];
    for (size_t i = 0; i < 4; i++) {
        const json_t *number = json_array_get(value, i);
        if (!json_is_number(number))
            return fail(p, "bbox: four numbers are wanted");
        side[i] = json_number_value(number);
    }
    p->request->box = (struct geo_box){side[0], side[1], side[2], side[3]};
    p->request->has_box = true;
    const char *problem = geo_box_problem(&p->request->box);
    if (problem == NULL)
        return true;
    strbuf_add_text(p->message, "bbox: ");
    return fail(p, problem);
}

/* "hex", "seen" and "seen_pos" always come along; asking for them is no error. */
static bool is_implied(const char *key)
{
    return strcmp(key, "hex") == 0 || strcmp(key, "seen") == 0 ||
           strcmp(key, "seen_pos") == 0;
}

static bool add_field(const struct parse *p, const json_t *name)
{
    enum flight_field field;
    if (!json_is_string(name))
        return fail(p, "fields: an array of names is wanted");
    const char *key = json_string_value(name);
    if (flight_field_by_key(key, json_string_length(name), &field))
        p->request->fields |= FLIGHT_BIT(field);
    else if (!is_implied(key)) {
        strbuf_add_text(p->message, "fields: there is no field ");
        strbuf_add_json(p->message, key, MIN_OF(json_string_length(name), (size_t)64));
        return fail(p, "");
    }
    return true;
}

static bool parse_fields(const struct parse *p)
{
    const json_t *value = json_object_get(p->request->json, "fields");
    if (value == NULL || json_is_null(value))
        return true;
    if (!json_is_array(value) || json_array_size(value) == 0)
        return fail(p, "fields: an array of names is wanted");
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!add_field(p, json_array_get(value, i)))
            return false;
    p->request->has_fields = true;
    return true;
}

static bool parse_subscribe(const struct parse *p)
{
    const char *channel = "flights";
    struct wire_request *r = p->request;
    if (!need_id(p) || !member_text(p, r->json, "channel", &channel))
        return false;
    if (!wire_channel_parse(channel, &r->channel)) {
        *p->fault = FAULT_UNKNOWN_CHANNEL;
        strbuf_add_text(p->message, "there is no channel ");
        strbuf_add_json(p->message, channel, MIN_OF(strlen(channel), (size_t)64));
        return false;
    }
    double tick = -1;
    if (!member_number(p, r->json, "tick", 0, UINT32_MAX, &tick))
        return false;
    r->has_tick = tick >= 0;
    r->tick = r->has_tick ? (uint32_t)tick : 0;
    return parse_box(p) && member_text(p, r->json, "filter", &r->filter) &&
           parse_fields(p) &&
           member_number(p, r->json, "max_hz", HZ_MIN, HZ_MAX, &r->max_hz);
}

static bool parse_get(const struct parse *p)
{
    const char *what = NULL;
    const char *hex = NULL;
    struct wire_request *r = p->request;
    double trail_s = -1;
    if (!need_id(p) || !member_text(p, r->json, "what", &what) ||
        !member_text(p, r->json, "icao24", &hex) ||
        !member_number(p, r->json, "trail", 0, WIRE_TRAIL_MAX_S, &trail_s))
        return false;
    if (what == NULL || strcmp(what, "flight") != 0)
        return fail(p, "what: \"flight\" is wanted");
    if (hex == NULL || !flight_parse_hex(hex, strlen(hex), &r->icao))
        return fail(p, "icao24: six hex digits, \"~\" first or not, are wanted");
    r->trail_s = (int64_t)trail_s;
    return true;
}

static bool parse_query(const struct parse *p)
{
    const char *target = NULL;
    if (!need_id(p) || !member_text(p, p->request->json, "target", &target))
        return false;
    return target != NULL || fail(p, "target: missing");
}

static bool parse_ack(const struct parse *p)
{
    const char *alert = NULL;
    if (!member_text(p, p->request->json, "alert", &alert))
        return false;
    return alert != NULL || fail(p, "alert: missing");
}

static bool parse_rate(const struct parse *p)
{
    struct wire_request *r = p->request;
    double bytes_s = 0;
    if (!member_number(p, r->json, "max_hz", HZ_MIN, HZ_MAX, &r->max_hz) ||
        !member_number(p, r->json, "max_bytes_s", 100, 1e12, &bytes_s))
        return false;
    r->max_bytes_s = (int64_t)bytes_s;
    return true;
}

static bool parse_type(const struct parse *p)
{
    const char *type = NULL;
    if (!member_text(p, p->request->json, "type", &type))
        return false;
    if (type == NULL)
        return fail(p, "type: missing");
    if (wire_request_type_parse(type, &p->request->type))
        return true;
    strbuf_add_text(p->message, "there is no message type ");
    strbuf_add_json(p->message, type, MIN_OF(strlen(type), (size_t)64));
    return fail(p, "");
}

static bool parse_body(const struct parse *p)
{
    switch (p->request->type) {
    case REQUEST_HELLO: return parse_hello(p);
    case REQUEST_SUBSCRIBE: return parse_subscribe(p);
    case REQUEST_UNSUBSCRIBE:
    case REQUEST_RESYNC: return need_id(p);
    case REQUEST_GET: return parse_get(p);
    case REQUEST_QUERY: return parse_query(p);
    case REQUEST_ACK: return parse_ack(p);
    case REQUEST_RATE: return parse_rate(p);
    case REQUEST_PING:
    case REQUEST_TYPE_COUNT: break;
    }
    return true;
}

int wire_request_parse(const char *text, size_t len, struct wire_request *ret_request,
                       enum wire_fault *ret_fault, struct strbuf *ret_message)
{
    struct parse p = {ret_request, ret_fault, ret_message};
    json_error_t error;
    *ret_request = (struct wire_request){.trail_s = -1};
    ret_request->json =
        json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (ret_request->json == NULL) {
        strbuf_addf(ret_message, "not JSON, at byte %d: ", error.position);
        fail(&p, error.text);
        return -EBADMSG;
    }
    if (!json_is_object(ret_request->json)) {
        fail(&p, "a JSON object is wanted");
        return -EBADMSG;
    }
    bool ok = parse_id(&p) && parse_type(&p) && parse_body(&p);
    return ok ? 0 : -EBADMSG;
}

void wire_request_release(struct wire_request *request)
{
    json_decref(request->json);
    *request = (struct wire_request){0};
}

const char *wire_request_text(const struct wire_request *request, const char *name,
                              char *number)
{
    const json_t *value = json_object_get(request->json, name);
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_integer(value)) {
        snprintf(number, WIRE_ARG_NUMBER_SIZE, "%" JSON_INTEGER_FORMAT,
                 json_integer_value(value));
        return number;
    }
    if (json_is_real(value)) {
        snprintf(number, WIRE_ARG_NUMBER_SIZE, "%.3f", json_real_value(value));
        return number;
    }
    return NULL;
}

bool wire_request_member(const struct wire_request *request, const char *name,
                         struct strbuf *out)
{
    const json_t *value = json_object_get(request->json, name);
    if (value == NULL)
        return false;
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    bool ok = text != NULL && strbuf_add_text(out, text);
    free(text);
    return ok;
}
