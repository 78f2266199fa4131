#include "sources/source.h"

#include "base/macros.h"

const char *source_trouble_text(enum source_trouble trouble)
{
    static const char *const texts[] = {
#define X(id, text) text,
        SOURCE_TROUBLES(X)
#undef X
    };
    return (size_t)trouble < ARRAY_LEN(texts) ? texts[trouble] : "unknown";
}
