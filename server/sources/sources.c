#include "sources/sources.h"

#include <string.h>

#include "base/macros.h"
#include "sources/line_tcp.h"
#include "sources/opensky.h"
#include "sources/poll_http.h"
#include "sources/replay.h"
#include "sources/sim.h"
#include "sources/source_url.h"

static const struct source_class *const rows[] = {
    &source_sim,          &source_replay,      &source_readsb_http,
    &source_readsb_https, &source_readsb_tcp,  &source_sbs_tcp,
    &source_opensky,      &source_adsbv2_http, &source_adsbv2_https,
};

const struct source_class *const *sources_rows(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(rows);
    return rows;
}

const struct source_class *sources_find(const char *scheme, size_t n)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strlen(rows[i]->scheme) == n &&
            strncasecmp(rows[i]->scheme, scheme, n) == 0)
            return rows[i];
    return NULL;
}

struct source_url *sources_parse(const char *text, struct strbuf *ret_error)
{
    const struct source_class *kind = sources_find(text, strcspn(text, ":"));
    return source_url_parse(text, kind, ret_error);
}
