#include "gateway/row_texts.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "flight/flight_fields.h"
#include "state/frame_set.h"
#include "wire/wire_row.h"

enum {
    TEXTS_MAX = 256 << 20,
    TILE_WORDS = (FRAME_TILES + 63) / 64,
    LINE_BYTES = 64,
    VALUE_BYTES = 2 * LINE_BYTES /* of a flight: the times and the first values */
};

struct span {
    uint32_t start;
    uint32_t len; /* 0 = not made yet */
};

struct row_texts {
    const struct frame_set *frame;
    uint64_t fields;
    struct strbuf text;
    struct span *spans; /* by row */
    size_t capacity;
    uint64_t whole[TILE_WORDS]; /* tiles whose rows stand one behind the other */
};

struct row_texts *row_texts_new(void)
{
    struct row_texts *texts = xcalloc(1, sizeof *texts);
    strbuf_init(&texts->text, TEXTS_MAX);
    return texts;
}

void row_texts_free(struct row_texts *texts)
{
    if (texts == NULL)
        return;
    strbuf_release(&texts->text);
    free(texts->spans);
    free(texts);
}

void row_texts_begin(struct row_texts *texts, const struct frame_set *frame,
                     uint64_t fields)
{
    texts->frame = frame;
    texts->fields = fields;
    strbuf_clear(&texts->text);
    memset(texts->whole, 0, sizeof texts->whole);
    if (frame->row_count > texts->capacity) {
        texts->capacity = frame->row_count + frame->row_count / 2;
        free(texts->spans);
        texts->spans = xcalloc(texts->capacity, sizeof *texts->spans);
    } else if (frame->row_count > 0) {
        memset(texts->spans, 0, frame->row_count * sizeof *texts->spans);
    }
}

static void make_text(struct row_texts *texts, size_t number)
{
    const struct frame_row *row = &texts->frame->rows[number];
    const struct wire_clock clock = {texts->frame->time_ms, texts->frame->tick_ms};
    bool tell_pos = (row->flags & FRAME_SEEN_POS) != 0 &&
                    (texts->fields & FLIGHT_POSITION_FIELDS) != 0;
    size_t start = texts->text.len;
    strbuf_add_char(&texts->text, ',');
    wire_add_change(&texts->text, row->flight, row->changed & texts->fields, &clock,
                    tell_pos);
    texts->spans[number] =
        (struct span){(uint32_t)start, (uint32_t)(texts->text.len - start)};
}

const char *row_texts_row(struct row_texts *texts, size_t row, size_t *ret_len)
{
    if (texts->spans[row].len == 0)
        make_text(texts, row);
    *ret_len = texts->spans[row].len;
    return texts->text.data + texts->spans[row].start;
}

/* The rows' flights lie anywhere in memory: the next is fetched meanwhile. */
static void make_tile(struct row_texts *texts, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        const char *ahead =
            (const char *)texts->frame->rows[i + 1 < end ? i + 1 : i].flight;
        for (size_t at = 0; at < VALUE_BYTES; at += LINE_BYTES)
            __builtin_prefetch(ahead + at);
        make_text(texts, i);
    }
}

const char *row_texts_run(struct row_texts *texts, size_t first, size_t end,
                          size_t *ret_len)
{
    assert(first < end);
    const struct frame_set *frame = texts->frame;
    unsigned tile = frame->rows[first].tile;
    if ((texts->whole[tile / 64] >> tile % 64 & 1) == 0) {
        texts->whole[tile / 64] |= UINT64_C(1) << tile % 64;
        make_tile(texts, frame->tile_first[tile], frame->tile_first[tile + 1]);
    }
    const struct span *last = &texts->spans[end - 1];
    *ret_len = last->start + last->len - texts->spans[first].start;
    return texts->text.data + texts->spans[first].start;
}
