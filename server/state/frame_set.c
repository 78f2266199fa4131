#include "state/frame_set.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

uint16_t frame_tile(int32_t lat, int32_t lon)
{
    if (lat == FRAME_NO_POSITION)
        return FRAME_NOWHERE;
    return (uint16_t)geo_tile_of_fixed(lat, lon);
}

struct frame_set *frame_set_ref(struct frame_set *frame)
{
    atomic_fetch_add_explicit(&frame->refs, 1, memory_order_relaxed);
    return frame;
}

void frame_set_unref(struct frame_set *frame)
{
    if (frame == NULL ||
        atomic_fetch_sub_explicit(&frame->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < frame->row_count; i++)
        flight_unref(frame->rows[i].flight);
    frame_text_unref(frame->stats);
    free(frame->rows);
    free(frame->places);
    free(frame->movers);
    free(frame->removed);
    free(frame);
}

struct frame_text *frame_text_new(const char *text, size_t n)
{
    struct frame_text *shared = xmalloc(sizeof *shared + n + 1);
    atomic_init(&shared->refs, 1);
    shared->len = (uint32_t)n;
    memcpy(shared->text, text, n);
    shared->text[n] = '\0';
    return shared;
}

struct frame_text *frame_text_ref(struct frame_text *text)
{
    if (text != NULL)
        atomic_fetch_add_explicit(&text->refs, 1, memory_order_relaxed);
    return text;
}

void frame_text_unref(struct frame_text *text)
{
    if (text != NULL &&
        atomic_fetch_sub_explicit(&text->refs, 1, memory_order_acq_rel) == 1)
        free(text);
}
