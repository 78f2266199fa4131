#include "gateway/flight_select.h"

#include "flight/flight.h"
#include "gateway/route_context.h"
#include "state/flight_index.h"

const char *flight_select_init(struct flight_select *select,
                               const struct route_context *context, const char *bbox,
                               const char *filter, struct strbuf *ret_error)
{
    struct geo_box box;
    char problem[GEO_ERROR_MAX];
    *select = (struct flight_select){
        .seen_from = {.now_ms = flight_index_time_ms(context->index),
                      .has_home = context->has_home,
                      .home = {context->home_lat, context->home_lon}}};
    if (bbox && geo_box_parse(bbox, &box, problem) != 0) {
        strbuf_addf(ret_error, "bbox: %s", problem);
        return "bad_request";
    }
    if (bbox) {
        select->has_box = true;
        select->box = geo_box_to_fixed(&box);
    }
    if (filter) {
        select->filter = filter_parse(filter, ret_error);
        if (!select->filter)
            return "bad_filter";
    }
    return NULL;
}

void flight_select_release(struct flight_select *select)
{
    filter_free(select->filter);
    select->filter = NULL;
}

static bool is_in_box(const struct flight_select *select, const struct flight *f)
{
    return flight_has_position(f) &&
           geo_box_contains_fixed(&select->box, f->v.num[FLIGHT_LAT],
                                  f->v.num[FLIGHT_LON]);
}

bool flight_select_matches(const struct flight_select *select, const struct flight *f)
{
    return (!select->has_box || is_in_box(select, f)) &&
           filter_match(select->filter, f, &select->seen_from);
}

size_t flight_select_visit(const struct flight_select *select,
                           const struct flight_index *index, size_t limit,
                           flight_visit_fn visit, void *data)
{
    size_t matching = 0;
    for (size_t slot = 0; slot < flight_index_slots(index); slot++) {
        const struct flight *f = flight_index_at(index, slot);
        if (f && flight_select_matches(select, f) && matching++ < limit)
            visit(data, f);
    }
    return matching;
}
