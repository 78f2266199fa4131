/* A whole document of the format adsbv2, row by row. */
#include "fuzz_record.h"
#include "sources/decode_adsbv2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_document(&decode_adsbv2_format, data, size);
    return 0;
}
