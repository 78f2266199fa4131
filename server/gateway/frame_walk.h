/*
 * A walk over the rows of a frame whose aircraft are in the tiles of a box (or
 * anywhere), some rows of one tile at a time. Of most rows of a box nothing needs
 * to be asked: who stayed in an inner tile was inside and is. Who left for a tile
 * that the box does not touch is not met: see the frame's movers. A value; the
 * frame and the box are borrowed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct frame_set;
struct view_box;

struct frame_run {
    uint32_t first;
    uint32_t end;
    bool inside; /* of the box as a whole, now and at the last tick */
};

struct frame_walk {
    const struct frame_set *frame;
    const struct view_box *box; /* NULL = the world and nowhere */
    unsigned row;               /* the next tile; column from the box' first */
    unsigned column;
    uint32_t came; /* rows that came into a tile of which the others are inside */
    uint32_t came_end;
};

struct frame_walk frame_walk(const struct frame_set *frame, const struct view_box *box);

/* True with the next rows, at least one; false at the end. */
bool frame_walk_next(struct frame_walk *walk, struct frame_run *ret_run);
