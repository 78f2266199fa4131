#include "flight/observation.h"

#include "base/macros.h"

const char *observation_reason_text(enum observation_reason reason)
{
    static const char *const texts[] = {
#define X(id, text) text,
        OBSERVATION_REASONS(X)
#undef X
    };
    return (size_t)reason < ARRAY_LEN(texts) ? texts[reason] : "unknown";
}
