#include "views/overview_spots.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

enum { ASIDE = 1000 }; /* what a spot that is not in line costs */

void spots_begin(struct spots *spots)
{
    if (spots->focused && spots->focus < spots->count)
        spots->kept = spots->rows[spots->focus];
    spots->count = 0;
}

void spots_add(struct spots *spots, struct rect at, enum spot_kind kind,
               const char *what)
{
    if (spots->count == SPOTS_MAX || at.w <= 0 || at.h <= 0)
        return;
    struct spot *spot = &spots->rows[spots->count++];
    spot->at = at;
    spot->kind = kind;
    snprintf(spot->what, sizeof spot->what, "%s", what);
}

void spots_end(struct spots *spots)
{
    const struct spot *kept = &spots->kept;
    for (size_t i = 0; spots->focused && i < spots->count; i++) {
        if (spots->rows[i].kind != kept->kind ||
            strcmp(spots->rows[i].what, kept->what) != 0)
            continue;
        spots->focus = i;
        return;
    }
    if (spots->count == 0)
        spots->focused = false;
    else if (spots->focus >= spots->count)
        spots->focus = spots->count - 1;
}

/* Cells between two stretches; 0 when they share some. */
static int gap(int a, int a_len, int b, int b_len)
{
    if (b >= a + a_len)
        return b - (a + a_len) + 1;
    return a >= b + b_len ? a - (b + b_len) + 1 : 0;
}

/* How far one spot is from another in a direction; INT_MAX when it is not there. */
static int distance(const struct rect *from, const struct rect *to, int dx, int dy)
{
    int across = gap(from->x, from->w, to->x, to->w);
    int down = gap(from->y, from->h, to->y, to->h);
    bool there = (dx > 0 && to->x >= from->x + from->w) ||
                 (dx < 0 && to->x + to->w <= from->x) ||
                 (dy > 0 && to->y >= from->y + from->h) ||
                 (dy < 0 && to->y + to->h <= from->y);
    if (!there)
        return INT_MAX;
    return dx != 0 ? across + down * ASIDE + abs(from->y - to->y)
                   : down + across * ASIDE + abs(from->x - to->x);
}

void spots_move(struct spots *spots, int dx, int dy)
{
    int best = INT_MAX;
    size_t to = spots->focus;
    if (spots->count == 0)
        return;
    if (!spots->focused || spots->focus >= spots->count) {
        spots->focused = true;
        spots->focus = 0;
        return;
    }
    for (size_t i = 0; i < spots->count; i++) {
        int far = distance(&spots->rows[spots->focus].at, &spots->rows[i].at, dx, dy);
        if (far < best) {
            best = far;
            to = i;
        }
    }
    spots->focus = to;
}

const struct spot *spots_at(const struct spots *spots, int x, int y)
{
    const struct spot *found = NULL;
    for (size_t i = 0; i < spots->count; i++) {
        const struct rect *at = &spots->rows[i].at;
        if (x < at->x || x >= at->x + at->w || y < at->y || y >= at->y + at->h)
            continue;
        if (found == NULL || at->w * at->h < found->at.w * found->at.h)
            found = &spots->rows[i];
    }
    return found;
}

const struct spot *spots_focus(const struct spots *spots)
{
    return spots->focused && spots->focus < spots->count ? &spots->rows[spots->focus]
                                                         : NULL;
}

void spot_filter(char ret_what[SPOT_TEXT_SIZE], const char *field, const char *value,
                 bool cut)
{
    struct strbuf text;
    strbuf_init(&text, SPOT_TEXT_SIZE - 1);
    strbuf_addf(&text, "%s %c \"", field, cut ? '~' : '=');
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            strbuf_add_char(&text, '\\');
        strbuf_add_char(&text, *c);
    }
    strbuf_add_text(&text, cut ? "*\"" : "\"");
    snprintf(ret_what, SPOT_TEXT_SIZE, "%s", strbuf_text(&text));
    strbuf_release(&text);
}
