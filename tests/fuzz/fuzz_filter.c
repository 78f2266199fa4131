/*
 * Any text as a filter: it parses or names a column; what parses has a canonical
 * text that parses to the same text and gives the same answers.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "flight/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FLIGHTS = 3 };

static void must(bool claim)
{
    if (!claim)
        abort();
}

/* Flight 0 knows nothing, 1 knows all at zero, 2 all at something. */
static struct flight flight_number(int i)
{
    struct flight f = {.icao = 0x4b1814, .heard_at_ms = 1000};
    if (i == 0)
        return f;
    f.known = FLIGHT_BIT(FLIGHT_FIELD_COUNT) - 1;
    for (int field = 0; i == 2 && field < FLIGHT_NUM_COUNT; field++)
        f.v.num[field] = 3 + field;
    memcpy(f.v.callsign, "SWR123", 7);
    memcpy(f.v.type_code, "A320", 5);
    return f;
}

static void must_agree(const struct filter *a, const struct filter *b)
{
    static const struct filter_context context = {
        .now_ms = 5000, .has_home = true, .home = {47.0, 8.0}};
    for (int i = 0; i < FLIGHTS; i++) {
        struct flight f = flight_number(i);
        must(filter_match(a, &f, &context) == filter_match(b, &f, &context));
    }
    must(strcmp(filter_text(a), filter_text(b)) == 0);
    must(filter_fields(a) == filter_fields(b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct strbuf error;
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    strbuf_init(&error, 8192);
    struct filter *filter = filter_parse(text, &error);
    must((filter == NULL) == (error.len > 0));
    must(filter != NULL || strncmp(error.data, "column ", 7) == 0);
    if (filter != NULL) {
        struct filter *again = filter_parse(filter_text(filter), &error);
        must(again != NULL);
        must_agree(filter, again);
        filter_free(again);
        filter_free(filter);
    }
    strbuf_release(&error);
    free(text);
    return 0;
}
