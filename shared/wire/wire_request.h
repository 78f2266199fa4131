/*
 * One text message of a client -> one value, checked: types, ranges, the box,
 * the field names. Total: any bytes give a request or a fault with a sentence.
 * The filter's text is not parsed here. Pure; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flight/geo.h"
#include "wire/wire_names.h"

struct json_t; /* jansson */
struct strbuf;

enum { WIRE_ARG_MAX = 16, WIRE_ARG_NUMBER_SIZE = 32 };

struct wire_request {
    struct json_t *json; /* owns the texts */
    enum wire_request_type type;
    bool has_id;
    int64_t id; /* 0 .. 2^53 */

    /* hello */
    int64_t version;          /* 0 = none that there is */
    const char *token;        /* NULL = none */
    const char *resume_epoch; /* NULL = no resume */
    uint32_t resume_tick;

    /* subscribe */
    enum wire_channel channel;
    bool has_box;
    struct geo_box box;
    const char *filter; /* NULL = none */
    bool has_fields;
    uint64_t fields;
    bool has_tick; /* after a resume: where this subscription is; 0 = it is new */
    uint32_t tick;

    /* subscribe, rate; 0 = not given */
    double max_hz;
    int64_t max_bytes_s;

    /* get */
    uint32_t icao;
    int64_t trail_s; /* -1 = not asked for */
};

/*
 * 0, or -EBADMSG with fault and sentence; ret_request->has_id tells whether the
 * fault can name one. Release the request in any case.
 */
int wire_request_parse(const char *text, size_t len, struct wire_request *ret_request,
                       enum wire_fault *ret_fault, struct strbuf *ret_message);
void wire_request_release(struct wire_request *request);

/*
 * A member as text: a string as it is, a number or boolean written into number
 * (WIRE_ARG_NUMBER_SIZE bytes); NULL when absent, null or something else.
 */
const char *wire_request_text(const struct wire_request *request, const char *name,
                              char *number);

/* Adds a member's JSON (of any kind) to out; false when it is absent. */
bool wire_request_member(const struct wire_request *request, const char *name,
                         struct strbuf *out);
