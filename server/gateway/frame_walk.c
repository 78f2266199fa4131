#include "gateway/frame_walk.h"

#include "gateway/view_box.h"
#include "state/frame_set.h"

struct frame_walk frame_walk(const struct frame_set *frame, const struct view_box *box)
{
    return (struct frame_walk){
        .frame = frame, .box = box, .row = box != NULL ? box->row_first : 0};
}

/* The next tile: of the box, or of all, the one without position among them. */
static bool next_tile(struct frame_walk *walk, unsigned *ret_tile, bool *ret_inside)
{
    const struct view_box *box = walk->box;
    if (box == NULL) {
        *ret_tile = walk->column++;
        *ret_inside = true;
        return *ret_tile < FRAME_TILES;
    }
    if (walk->row == box->row_end)
        return false;
    unsigned column = box->column_first + walk->column;
    column -= column >= GEO_TILE_COLS ? GEO_TILE_COLS : 0;
    *ret_tile = walk->row * GEO_TILE_COLS + column;
    *ret_inside = walk->row >= box->inner_row_first && walk->row < box->inner_row_end &&
                  walk->column >= box->inner_column_first &&
                  walk->column < box->inner_column_end;
    if (++walk->column == box->column_count) {
        walk->column = 0;
        walk->row++;
    }
    return true;
}

bool frame_walk_next(struct frame_walk *walk, struct frame_run *ret_run)
{
    if (walk->came < walk->came_end) {
        *ret_run = (struct frame_run){walk->came, walk->came_end, false};
        walk->came = walk->came_end;
        return true;
    }
    unsigned tile;
    bool inside;
    uint32_t first;
    uint32_t end;
    do {
        if (!next_tile(walk, &tile, &inside))
            return false;
        first = walk->frame->tile_first[tile];
        end = walk->frame->tile_first[tile + 1];
    } while (first == end);
    uint32_t came = walk->frame->tile_came[tile];
    if (!inside || came == first) {
        *ret_run = (struct frame_run){first, end, false};
        return true;
    }
    *ret_run = (struct frame_run){first, came, true};
    walk->came = came;
    walk->came_end = end;
    return true;
}
