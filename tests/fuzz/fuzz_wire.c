/*
 * Any bytes as a frame of the server: they decode or are refused, and what
 * decodes may be folded into a client that holds on to its limits.
 */
#include <stdint.h>
#include <stdlib.h>

#include "app/app.h"
#include "wire/wire_decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
