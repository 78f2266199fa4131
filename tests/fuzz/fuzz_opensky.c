/* A whole document of the format opensky, row by row. */
#include "fuzz_record.h"
#include "sources/decode_opensky.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct document document;
    struct json_slice row;
    struct strbuf error;
    const char *text = (const char *)data;
    strbuf_init(&error, 1000);
    if (document_open(text, size, &decode_opensky_format, &document, &error)) {
        while (json_cursor_element(&document.rows, &row)) {
            struct observation obs;
            struct flight_refusals refusals;
            int64_t now_ms = document.now_ms != 0 ? document.now_ms : 1000;
            if (decode_opensky_format.decode(row, now_ms, &obs, &refusals) ==
                OBSERVATION_NONE)
                check_record(&obs);
        }
        assert(!document.rows.failed); /* document_open has seen it all */
    } else {
        assert(error.len > 0);
    }
    strbuf_release(&error);
    return 0;
}
