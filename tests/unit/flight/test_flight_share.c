/*
 * Rows cross threads: one thread folds observations into the table, another
 * holds rows of earlier ticks. What a holder reads must not change under it; a
 * thread sanitizer build of this test finds what the values do not show.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flight/flight_table.h"

enum { AIRCRAFT = 64, TICKS = 2000, HELD = 8 };

#define T0 INT64_C(1700000000000)

struct exchange {
    struct flight *_Atomic slots[AIRCRAFT]; /* handed over, one reference each */
    atomic_bool done;
    unsigned torn; /* rows whose fields did not belong together */
};

/* Every observation sets all three to one number. */
static bool is_whole(const struct flight *f)
{
    return f->v.num[FLIGHT_GS] == f->v.num[FLIGHT_TRACK] &&
           f->v.num[FLIGHT_GS] == f->v.num[FLIGHT_RSSI];
}

static void *hold_rows(void *data)
{
    struct exchange *x = data;
    struct flight *held[HELD] = {NULL};
    for (unsigned i = 0; !atomic_load(&x->done); i++) {
        struct flight *f = atomic_exchange(&x->slots[i % AIRCRAFT], NULL);
        struct flight **place = &held[i % HELD];
        if (f == NULL)
            continue;
        if (*place != NULL)
            x->torn += !is_whole(*place);
        flight_unref(*place);
        *place = f;
    }
    for (size_t i = 0; i < HELD; i++)
        flight_unref(held[i]);
    return NULL;
}

static void apply_tick(struct flight_table *t, uint32_t tick)
{
    struct observation obs = {.now_ms = T0 + tick, .heard_at_ms = T0 + tick};
    obs.present =
        FLIGHT_BIT(FLIGHT_GS) | FLIGHT_BIT(FLIGHT_TRACK) | FLIGHT_BIT(FLIGHT_RSSI);
    obs.v.num[FLIGHT_GS] = (int32_t)tick;
    obs.v.num[FLIGHT_TRACK] = (int32_t)tick;
    obs.v.num[FLIGHT_RSSI] = (int32_t)tick;
    for (uint32_t i = 1; i <= AIRCRAFT; i++) {
        obs.icao = i;
        assert_int_equal(flight_table_apply(t, &obs, tick), FLIGHT_APPLIED);
    }
}

static void held_rows_stay_as_they_were(void **state)
{
    (void)state;
    static struct exchange x;
    struct flight_table *t = flight_table_new();
    pthread_t holder;
    assert_int_equal(pthread_create(&holder, NULL, hold_rows, &x), 0);
    for (uint32_t tick = 1; tick <= TICKS; tick++) {
        apply_tick(t, tick);
        size_t n;
        const uint32_t *touched = flight_table_take_touched(t, &n);
        assert_int_equal(n, AIRCRAFT);
        for (size_t i = 0; i < n; i++) {
            struct flight *row = flight_ref(flight_table_at(t, touched[i]));
            flight_unref(atomic_exchange(&x.slots[i], row));
        }
    }
    atomic_store(&x.done, true);
    assert_int_equal(pthread_join(holder, NULL), 0);
    for (size_t i = 0; i < AIRCRAFT; i++)
        flight_unref(x.slots[i]);
    assert_int_equal(x.torn, 0);
    flight_table_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(held_rows_stay_as_they_were),
    };
    return cmocka_run_group_tests_name("flight_share", tests, NULL, NULL);
}
