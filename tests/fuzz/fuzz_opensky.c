/* A whole document of the format opensky, row by row. */
#include "fuzz_record.h"
#include "sources/decode_opensky.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_document(&decode_opensky_format, data, size);
    return 0;
}
