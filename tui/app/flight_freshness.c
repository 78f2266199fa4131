#include "app/flight_freshness.h"

#include "base/strbuf.h"
#include "flight/flight_names.h"

enum freshness freshness_of(int64_t heard_ms, int64_t now_ms)
{
    int64_t age_ms = now_ms - heard_ms;
    if (heard_ms <= 0 || age_ms <= FLIGHT_FADES_MS)
        return FLIGHT_FRESH;
    return age_ms <= FLIGHT_LOST_MS ? FLIGHT_FADED : FLIGHT_LOST;
}

static void add_age(struct strbuf *out, int64_t ms)
{
    long long s = ms / 1000;
    if (s < 60)
        strbuf_addf(out, "%llds", s);
    else
        strbuf_addf(out, "%lldm %02llds", s / 60, s % 60);
}

static void add_source(const struct flight *f, struct strbuf *out)
{
    const char *via =
        flight_has(f, FLIGHT_ADDR_TYPE)
            ? flight_enum_text(FLIGHT_ADDR_TYPE, f->v.num[FLIGHT_ADDR_TYPE])
            : NULL;
    if (flight_has(f, FLIGHT_SRC))
        strbuf_addf(out, ", last by %s", f->v.src);
    if (via != NULL)
        strbuf_addf(out, "%s%s%s", flight_has(f, FLIGHT_SRC) ? " (" : ", last by ", via,
                    flight_has(f, FLIGHT_SRC) ? ")" : "");
}

void freshness_explain(const struct flight *f, int64_t now_ms, struct strbuf *out)
{
    bool silent = freshness_of(f->heard_at_ms, now_ms) != FLIGHT_FRESH;
    bool still =
        flight_has_position(f) && freshness_of(f->pos_at_ms, now_ms) != FLIGHT_FRESH;
    if (silent) {
        strbuf_add_text(out, "grey: not heard for ");
        add_age(out, now_ms - f->heard_at_ms);
        add_source(f, out);
    } else if (still) {
        strbuf_add_text(out, "grey: no position for ");
        add_age(out, now_ms - f->pos_at_ms);
        add_source(f, out);
    }
}
