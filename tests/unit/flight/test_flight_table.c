#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flight/flight_fields.h"
#include "flight/flight_names.h"
#include "flight/flight_table.h"

#define T0 INT64_C(1700000000000)

static int new_table(void **state)
{
    *state = flight_table_new();
    return 0;
}

static int free_table(void **state)
{
    flight_table_free(*state);
    return 0;
}

/* An observation of one aircraft at T0 + ms, still without fields. */
static struct observation heard(uint32_t icao, int64_t ms)
{
    struct observation obs = {.icao = icao, .now_ms = T0 + ms, .heard_at_ms = T0 + ms};
    return obs;
}

static struct observation with(struct observation obs, enum flight_field field,
                               int32_t value)
{
    obs.v.num[field] = value;
    obs.present |= FLIGHT_BIT(field);
    return obs;
}

static struct observation at(struct observation obs, int32_t lat, int32_t lon)
{
    obs.pos_at_ms = obs.now_ms;
    return with(with(obs, FLIGHT_LAT, lat), FLIGHT_LON, lon);
}

static enum flight_apply apply(struct flight_table *t, struct observation obs,
                               uint32_t tick)
{
    return flight_table_apply(t, &obs, tick);
}

static int32_t value_of(struct flight_table *t, uint32_t icao, enum flight_field field)
{
    const struct flight *f = flight_table_find(t, icao);
    assert_non_null(f);
    assert_true(flight_has(f, field));
    return f->v.num[field];
}

static void newer_and_equal_times_win_older_is_stale(void **state)
{
    struct flight_table *t = *state;
    static const struct {
        int64_t ms;
        int32_t gs;
        enum flight_apply want;
        int32_t want_gs;
    } rows[] = {
        {1000, 4000, FLIGHT_APPLIED, 4000},   {2000, 4100, FLIGHT_APPLIED, 4100},
        {1999, 4200, FLIGHT_STALE, 4100},     {2000, 4300, FLIGHT_APPLIED, 4300},
        {3000, 4300, FLIGHT_UNCHANGED, 4300}, {2999, 1, FLIGHT_STALE, 4300},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct observation obs =
            with(heard(0x4b1814, rows[i].ms), FLIGHT_GS, rows[i].gs);
        assert_int_equal(apply(t, obs, 1), rows[i].want);
        assert_int_equal(value_of(t, 0x4b1814, FLIGHT_GS), rows[i].want_gs);
    }
    assert_int_equal(flight_table_find(t, 0x4b1814)->now_ms, T0 + 3000);
}

static void each_field_remembers_the_tick_of_its_change(void **state)
{
    struct flight_table *t = *state;
    apply(t, with(with(heard(1, 0), FLIGHT_GS, 100), FLIGHT_TRACK, 900), 5);
    apply(t, with(with(heard(1, 1), FLIGHT_GS, 100), FLIGHT_TRACK, 901), 6);
    const struct flight *f = flight_table_find(t, 1);
    assert_int_equal(f->born_tick, 5);
    assert_int_equal(flight_field_tick(f, FLIGHT_GS), 5);
    assert_int_equal(flight_field_tick(f, FLIGHT_TRACK), 6);
    assert_int_equal(f->changed_tick, 6);

    assert_int_equal(apply(t, heard(1, 2), 7), FLIGHT_UNCHANGED);
    f = flight_table_find(t, 1);
    assert_int_equal(f->heard_tick, 7);
    assert_int_equal(f->changed_tick, 6);

    struct observation gone = heard(1, 3);
    gone.cleared = FLIGHT_BIT(FLIGHT_GS) | FLIGHT_BIT(FLIGHT_SQUAWK);
    assert_int_equal(apply(t, gone, 8), FLIGHT_APPLIED);
    f = flight_table_find(t, 1);
    assert_false(flight_has(f, FLIGHT_GS));
    assert_int_equal(flight_field_tick(f, FLIGHT_GS), 8);
    assert_int_equal(flight_field_tick(f, FLIGHT_SQUAWK), 0); /* was unknown before */
    assert_int_equal(apply(t, gone, 9), FLIGHT_UNCHANGED);
}

/* Days pass between the changes of a row: no cursor is told less than it lacks. */
static void ticks_far_apart_stay_in_order(void **state)
{
    static const uint32_t ticks[] = {3, 40000, 70000, 70001, 1000000, 1032768, 1032769};
    struct flight_table *t = *state;
    apply(t, with(with(heard(1, 0), FLIGHT_GS, -1), FLIGHT_TRACK, 900), 2);
    for (size_t i = 0; i < sizeof ticks / sizeof *ticks; i++) {
        apply(t, with(heard(1, 1), FLIGHT_GS, (int32_t)i), ticks[i]);
        const struct flight *f = flight_table_find(t, 1);
        assert_int_equal(flight_field_tick(f, FLIGHT_GS), ticks[i]);
        assert_true(flight_changed_since(f, ticks[i] - 1) == FLIGHT_BIT(FLIGHT_GS));
        assert_true(flight_changed_since(f, ticks[i]) == 0);
        assert_int_equal(flight_field_tick(f, FLIGHT_SQUAWK), 0);
        uint32_t track = flight_field_tick(f, FLIGHT_TRACK);
        assert_true(track == 2 ||
                    (track > 2 && track + FLIGHT_TICKS_KEPT <= ticks[i] + 1));
        assert_true(flight_changed_since(f, 1) & FLIGHT_BIT(FLIGHT_TRACK));
    }
}

static void a_tick_before_the_first_is_taken(void **state)
{
    struct flight_table *t = *state;
    apply(t, with(heard(1, 0), FLIGHT_GS, 100), 50);
    apply(t, with(heard(1, 1), FLIGHT_TRACK, 900), 10);
    const struct flight *f = flight_table_find(t, 1);
    assert_int_equal(flight_field_tick(f, FLIGHT_TRACK), 10);
    assert_int_equal(flight_field_tick(f, FLIGHT_GS), 50);
}

static void texts_are_set_changed_and_cleared(void **state)
{
    struct flight_table *t = *state;
    struct observation obs = heard(1, 0);
    assert_true(flight_values_set_text(&obs.v, FLIGHT_CALLSIGN, "SWR123", 6));
    obs.present = FLIGHT_BIT(FLIGHT_CALLSIGN);
    assert_int_equal(apply(t, obs, 1), FLIGHT_APPLIED);
    assert_int_equal(apply(t, obs, 2), FLIGHT_UNCHANGED);
    assert_string_equal(flight_table_find(t, 1)->v.callsign, "SWR123");
    assert_true(flight_values_set_text(&obs.v, FLIGHT_CALLSIGN, "SWR1", 4));
    assert_int_equal(apply(t, obs, 3), FLIGHT_APPLIED);
    assert_string_equal(flight_table_find(t, 1)->v.callsign, "SWR1");
    assert_int_equal(flight_field_tick(flight_table_find(t, 1), FLIGHT_CALLSIGN), 3);
}

static void only_a_whole_position_is_one(void **state)
{
    struct flight_table *t = *state;
    struct observation half = with(heard(1, 0), FLIGHT_LAT, 4700000);
    half.pos_at_ms = T0;
    apply(t, half, 1);
    assert_false(flight_has_position(flight_table_find(t, 1)));
    assert_int_equal(flight_table_find(t, 1)->known, 0);
    assert_int_equal(flight_table_find(t, 1)->pos_at_ms, 0);

    apply(t, at(heard(1, 1000), 4700000, 800000), 2);
    assert_int_equal(flight_table_find(t, 1)->pos_at_ms, T0 + 1000);
    apply(t, heard(1, 9000), 3);
    assert_int_equal(flight_table_find(t, 1)->pos_at_ms, T0 + 1000);
    assert_int_equal(flight_table_find(t, 1)->heard_at_ms, T0 + 9000);

    struct observation cleared = with(heard(1, 9001), FLIGHT_LON, 1);
    cleared.cleared = FLIGHT_BIT(FLIGHT_LAT);
    apply(t, cleared, 4);
    assert_int_equal(flight_table_find(t, 1)->known, 0);
}

static void last_heard_does_not_go_back(void **state)
{
    struct flight_table *t = *state;
    apply(t, heard(1, 5000), 1);
    struct observation obs = heard(1, 6000); /* another source: newer, heard before */
    obs.heard_at_ms = T0 + 1000;
    apply(t, obs, 1);
    assert_int_equal(flight_table_find(t, 1)->heard_at_ms, T0 + 5000);
    assert_int_equal(flight_table_find(t, 1)->now_ms, T0 + 6000);
}

static void a_shared_row_is_copied_before_it_is_written(void **state)
{
    struct flight_table *t = *state;
    apply(t, with(heard(1, 0), FLIGHT_GS, 100), 1);
    const struct flight *mine = flight_table_find(t, 1);
    apply(t, with(heard(1, 1), FLIGHT_GS, 101), 1);
    assert_ptr_equal(flight_table_find(t, 1), mine); /* nobody else has it */

    struct flight *held = flight_ref(flight_table_at(t, mine->slot));
    apply(t, with(heard(1, 2), FLIGHT_GS, 102), 2);
    assert_ptr_not_equal(flight_table_find(t, 1), held);
    assert_int_equal(held->v.num[FLIGHT_GS], 101);
    assert_int_equal(value_of(t, 1, FLIGHT_GS), 102);
    assert_int_equal(flight_table_find(t, 1)->slot, held->slot);
    assert_int_equal(held->refs, 1);

    struct flight *last = flight_ref(flight_table_at(t, held->slot));
    flight_unref(held);
    flight_table_clear(t);
    assert_int_equal(last->v.num[FLIGHT_GS], 102); /* outlives the table's interest */
    flight_unref(last);
    assert_int_equal(flight_table_count(t), 0);
}

static void touched_lists_each_live_slot_once(void **state)
{
    struct flight_table *t = *state;
    apply(t, heard(1, 0), 1);
    apply(t, heard(2, 0), 1);
    apply(t, heard(3, 0), 1);
    apply(t, heard(1, 1), 1);
    flight_table_remove(t, 2, 1, T0);
    size_t n;
    const uint32_t *slots = flight_table_take_touched(t, &n);
    assert_int_equal(n, 2);
    assert_int_equal(flight_table_at(t, slots[0])->icao, 1);
    assert_int_equal(flight_table_at(t, slots[1])->icao, 3);
    flight_table_take_touched(t, &n);
    assert_int_equal(n, 0);
    apply(t, heard(3, 2), 2);
    slots = flight_table_take_touched(t, &n);
    assert_int_equal(n, 1);
    assert_int_equal(flight_table_at(t, slots[0])->icao, 3);
}

static void a_freed_slot_waits_for_the_next_tick(void **state)
{
    struct flight_table *t = *state;
    apply(t, heard(1, 0), 1);
    uint32_t slot = flight_table_find(t, 1)->slot;
    assert_true(flight_table_remove(t, 1, 2, T0));
    assert_false(flight_table_remove(t, 1, 2, T0));
    assert_null(flight_table_find(t, 1));
    assert_null(flight_table_at(t, slot));
    apply(t, heard(2, 0), 2);
    assert_int_not_equal(flight_table_find(t, 2)->slot, slot);
    apply(t, heard(3, 0), 3);
    assert_int_equal(flight_table_find(t, 3)->slot, slot);
    assert_int_equal(flight_table_slots(t), 2);
}

static void a_removal_leaves_a_tombstone_for_ten_minutes(void **state)
{
    struct flight_table *t = *state;
    for (uint32_t i = 1; i <= 3; i++) {
        apply(t, heard(i, 0), i);
        flight_table_remove(t, i, 10 + i, T0 + i);
    }
    assert_int_equal(flight_table_tombstones(t), 3);
    assert_int_equal(flight_table_tombstone(t, 0)->icao, 1);
    assert_int_equal(flight_table_tombstone(t, 2)->tick, 13);
    assert_int_equal(flight_table_oldest_cursor(t), 0);

    flight_table_expire(t, T0 + FLIGHT_TOMBSTONE_MS + 2, 300000, 2100000, 20);
    assert_int_equal(flight_table_tombstones(t), 2);
    assert_int_equal(flight_table_tombstone(t, 0)->icao, 2);
    assert_int_equal(flight_table_oldest_cursor(t), 11); /* 1 left in tick 11 */
    flight_table_expire(t, T0 + FLIGHT_TOMBSTONE_MS + 100, 300000, 2100000, 21);
    assert_int_equal(flight_table_tombstones(t), 0);
    assert_int_equal(flight_table_oldest_cursor(t), 13);
}

static void tombstones_have_a_ceiling(void **state)
{
    struct flight_table *t = *state;
    const uint32_t n = FLIGHT_TOMBSTONE_MAX + 5;
    for (uint32_t i = 1; i <= n; i++) {
        apply(t, heard(1, i), i);
        flight_table_remove(t, 1, i, T0);
    }
    assert_int_equal(flight_table_tombstones(t), FLIGHT_TOMBSTONE_MAX);
    assert_int_equal(flight_table_tombstone(t, 0)->tick, 6);
    assert_int_equal(flight_table_oldest_cursor(t), 5);
}

static void silence_expires_later_for_adsc(void **state)
{
    struct flight_table *t = *state;
    apply(t, heard(1, 0), 1);
    apply(t, with(heard(2, 0), FLIGHT_ADDR_TYPE, FLIGHT_ADDR_ADSC), 1);
    apply(t, heard(3, 1000), 1);
    static const struct {
        int64_t now_ms;
        size_t removed;
    } rows[] = {{300000, 0}, {300001, 1}, {301001, 1}, {2100000, 0}, {2100001, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(
            flight_table_expire(t, T0 + rows[i].now_ms, 300000, 2100000, 2),
            rows[i].removed);
    assert_int_equal(flight_table_count(t), 0);
}

static void a_full_table_refuses_newcomers_only(void **state)
{
    struct flight_table *t = *state;
    for (uint32_t i = 1; i <= FLIGHT_TABLE_MAX; i++)
        assert_int_equal(apply(t, heard(i, 0), 1), FLIGHT_APPLIED);
    assert_int_equal(apply(t, heard(0xffffff, 0), 2), FLIGHT_REFUSED);
    assert_int_equal(apply(t, heard(7, 1), 2), FLIGHT_UNCHANGED);
    struct observation obs = heard(0xffffff, 0);
    assert_null(flight_table_put(t, &obs, true, 2));
    flight_table_remove(t, 9, 2, T0);
    assert_int_equal(apply(t, heard(0xffffff, 0), 3), FLIGHT_APPLIED);
    assert_int_equal(flight_table_count(t), FLIGHT_TABLE_MAX);
}

static void put_takes_what_the_wire_says(void **state)
{
    struct flight_table *t = *state;
    struct observation obs = with(with(heard(1, 5000), FLIGHT_GS, 1), FLIGHT_TRACK, 2);
    flight_table_put(t, &obs, true, 1);
    obs = with(heard(1, 1000), FLIGHT_GS, 3); /* an older time is no matter here */
    struct flight *f = flight_table_put(t, &obs, false, 2);
    assert_int_equal(f->v.num[FLIGHT_GS], 3);
    assert_int_equal(f->heard_at_ms, T0 + 1000);
    assert_true(flight_has(f, FLIGHT_TRACK));
    obs = with(heard(1, 1000), FLIGHT_GS, 3);
    f = flight_table_put(t, &obs, true, 3);
    assert_false(flight_has(f, FLIGHT_TRACK));
    assert_int_equal(flight_field_tick(f, FLIGHT_TRACK), 3);
    assert_int_equal(flight_field_tick(f, FLIGHT_GS), 2);
}

static void put_takes_half_a_position_that_changed(void **state)
{
    struct flight_table *t = *state;
    struct observation obs = at(heard(1, 1000), 4700000, 800000);
    flight_table_put(t, &obs, true, 1);
    obs = with(heard(1, 2000), FLIGHT_LAT, 4700100); /* due north */
    obs.pos_at_ms = T0 + 2000;
    struct flight *f = flight_table_put(t, &obs, false, 2);
    assert_int_equal(f->v.num[FLIGHT_LAT], 4700100);
    assert_int_equal(f->v.num[FLIGHT_LON], 800000);
    assert_true(flight_has_position(f));
    assert_int_equal(f->pos_at_ms, T0 + 2000);
    obs = heard(1, 3000); /* the same place again */
    obs.pos_at_ms = T0 + 3000;
    assert_int_equal(flight_table_put(t, &obs, false, 3)->pos_at_ms, T0 + 3000);
    obs = with(heard(1, 4000), FLIGHT_GS, 1);
    assert_int_equal(flight_table_put(t, &obs, false, 4)->pos_at_ms, T0 + 3000);
    obs = heard(1, 5000);
    obs.cleared = FLIGHT_POSITION_FIELDS;
    assert_false(flight_has_position(flight_table_put(t, &obs, false, 5)));
}

/* Many random adds and removes against a plain array. */
static void the_map_finds_what_was_added_and_not_removed(void **state)
{
    struct flight_table *t = *state;
    enum { SPAN = 4096 };
    static uint8_t present[SPAN];
    uint64_t seed = 42;
    for (uint32_t step = 1; step <= 200000; step++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        uint32_t i = (uint32_t)(seed >> 40) % SPAN;
        uint32_t icao = 0x400000 + i;
        if ((seed >> 33) & 1) {
            apply(t, heard(icao, step), step);
            present[i] = 1;
        } else {
            assert_int_equal(flight_table_remove(t, icao, step, T0), present[i]);
            present[i] = 0;
        }
    }
    size_t count = 0;
    for (uint32_t i = 0; i < SPAN; i++) {
        const struct flight *f = flight_table_find(t, 0x400000 + i);
        assert_int_equal(f != NULL, present[i]);
        count += f != NULL;
        if (f != NULL)
            assert_ptr_equal(flight_table_at(t, f->slot), f);
    }
    assert_int_equal(flight_table_count(t), count);
}

#define TABLE_TEST(name) cmocka_unit_test_setup_teardown(name, new_table, free_table)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TABLE_TEST(newer_and_equal_times_win_older_is_stale),
        TABLE_TEST(each_field_remembers_the_tick_of_its_change),
        TABLE_TEST(ticks_far_apart_stay_in_order),
        TABLE_TEST(a_tick_before_the_first_is_taken),
        TABLE_TEST(texts_are_set_changed_and_cleared),
        TABLE_TEST(only_a_whole_position_is_one),
        TABLE_TEST(last_heard_does_not_go_back),
        TABLE_TEST(a_shared_row_is_copied_before_it_is_written),
        TABLE_TEST(touched_lists_each_live_slot_once),
        TABLE_TEST(a_freed_slot_waits_for_the_next_tick),
        TABLE_TEST(a_removal_leaves_a_tombstone_for_ten_minutes),
        TABLE_TEST(tombstones_have_a_ceiling),
        TABLE_TEST(silence_expires_later_for_adsc),
        TABLE_TEST(a_full_table_refuses_newcomers_only),
        TABLE_TEST(put_takes_what_the_wire_says),
        TABLE_TEST(put_takes_half_a_position_that_changed),
        TABLE_TEST(the_map_finds_what_was_added_and_not_removed),
    };
    return cmocka_run_group_tests_name("flight_table", tests, NULL, NULL);
}
