/*
 * What lies under everything on a map: coasts, borders, and where it is night.
 * Drawn once and kept until the part of the world, its size or the minute
 * changes. Owned by the map's view; one thread.
 */
#pragma once

#include "widgets/map_canvas.h"

struct map_world {
    struct dots dots; /* read it after map_world_take */
    uint8_t *night;   /* per cell: 1 where it is night */
    struct rect area; /* what it was drawn for ... */
    struct geo_point centre;
    double degrees;
    int64_t minute; /* epoch; -1 = without night */
    bool drawn;
};

/*
 * Brings the dots up to date. now_ms: for the terminator, < 0 = leave it out.
 * Coasts where it is night have ROLE_NIGHT; night over sea is sparsely dotted, and
 * a dashed line parts it from the day.
 */
void map_world_take(struct map_world *world, const struct map_canvas *m,
                    int64_t now_ms);
void map_world_release(struct map_world *world);
