#include "widgets/coast.h"

#include "base/macros.h"
#include "coast_table.inc"

size_t coast_line_count(void)
{
    return ARRAY_LEN(lines);
}

const struct coast_line *coast_line_at(size_t i)
{
    return &lines[i];
}

const struct coast_step *coast_steps(const struct coast_line *line)
{
    return &steps[line->first];
}
