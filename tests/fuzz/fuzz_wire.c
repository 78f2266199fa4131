/*
 * Any bytes as a frame of the server: they decode or are refused, where the
 * scanner accepts the careful decoder says the same, and what decodes may be
 * folded into a client that holds on to its limits.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "wire/wire_decode.h"
#include "wire/wire_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool claim)
{
    if (!claim)
        abort();
}

static void must_be_same_rows(const struct wire_message *a,
                              const struct wire_message *b)
{
    must(a->flight_count == b->flight_count && a->removed_count == b->removed_count);
    for (size_t i = 0; i < a->flight_count; i++) {
        must(a->entered[i] == b->entered[i]);
        must(memcmp(&a->flights[i], &b->flights[i], sizeof a->flights[i]) == 0);
    }
    for (size_t i = 0; i < a->removed_count; i++)
        must(a->removed[i].icao == b->removed[i].icao &&
             a->removed[i].expired == b->removed[i].expired);
}

static void compare(const char *frame, size_t len)
{
    struct wire_message quick, careful;
    struct strbuf error;
    if (!wire_scan(frame, len, &quick))
        return;
    strbuf_init(&error, 256);
    must(wire_decode_carefully(frame, len, &careful, &error) == 0);
    must(quick.type == careful.type && quick.id == careful.id);
    must(quick.tick == careful.tick && quick.base_tick == careful.base_tick);
    must(quick.time_ms == careful.time_ms && quick.refused == careful.refused);
    must(quick.first == careful.first && quick.last == careful.last);
    must(quick.body == NULL && careful.body == NULL);
    must_be_same_rows(&quick, &careful);
    wire_message_release(&quick);
    wire_message_release(&careful);
    strbuf_release(&error);
}

static void apply_frame(struct app *app, const char *frame, size_t len)
{
    struct wire_message m;
    struct strbuf error;
    strbuf_init(&error, 256);
    if (wire_decode(frame, len, &m, &error) == 0) {
        app_apply(app, &m, len);
        wire_message_release(&m);
    } else if (error.len == 0) {
        abort(); /* a refusal says why */
    }
    strbuf_release(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct app app;
    app_init(&app);
    app_set_time(&app, 1000, 1000);
    size_t start = 0;
    for (size_t i = 0; i <= size; i++) { /* one frame a line */
        if (i < size && data[i] != '\n')
            continue;
        compare((const char *)data + start, i - start);
        apply_frame(&app, (const char *)data + start, i - start);
        start = i + 1;
    }
    app_update_list(&app);
    if (app.list.count > flight_table_count(app.flights) ||
        app.services.count > SERVICES_MAX || app.alerts.count > ALERTS_MAX ||
        app.logs.count > LOG_RING_MAX)
        abort();
    app_release(&app);
    return 0;
}
