/* A readsb trace, point by point. */
#include "fuzz_record.h"
#include "sources/decode_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct trace trace;
    struct observation obs;
    struct flight_refusals refusals;
    enum observation_reason reason;
    struct strbuf error;
    strbuf_init(&error, 1000);
    if (!decode_trace_open((const char *)data, size, &trace, &error)) {
        assert(error.len > 0);
    } else {
        while (decode_trace_next(&trace, &reason, &obs, &refusals))
            if (reason == OBSERVATION_NONE)
                check_record(&obs);
        assert(!trace.points.failed);
    }
    strbuf_release(&error);
    return 0;
}
