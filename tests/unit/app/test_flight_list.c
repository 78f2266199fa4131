/* Order that does not dance, emergencies on top, filters that name their column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/flight_list.h"

static void put(struct flight_table *table, uint32_t icao, const char *callsign,
                int altitude_ft, int squawk)
{
    struct observation obs = {.icao = icao, .now_ms = 1000, .heard_at_ms = 1000};
    obs.present = FLIGHT_BIT(FLIGHT_CALLSIGN) | FLIGHT_BIT(FLIGHT_ALT_BARO) |
                  FLIGHT_BIT(FLIGHT_SQUAWK);
    snprintf(obs.v.callsign, sizeof obs.v.callsign, "%s", callsign);
    obs.v.num[FLIGHT_ALT_BARO] = altitude_ft;
    obs.v.num[FLIGHT_SQUAWK] = squawk;
    flight_table_put(table, &obs, true, 1);
}

/* The addresses in order, as text. */
static const char *order(const struct flight_list *list, char *ret)
{
    ret[0] = '\0';
    for (size_t i = 0; i < list->count; i++)
        snprintf(ret + strlen(ret), 64 - strlen(ret), "%s%u", i > 0 ? " " : "",
                 list->entries[i].icao);
    return ret;
}

struct fixture {
    struct flight_table *table;
    struct flight_list list;
    struct flight_view_context context;
    uint64_t version;
    char text[64];
};

static void set_up(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    f->table = flight_table_new();
    flight_list_init(&f->list);
    put(f->table, 1, "CCC", 30000, 1000);
    put(f->table, 2, "AAA", 10000, 1000);
    put(f->table, 3, "BBB", 20000, 1000);
    f->context.now_ms = 1000;
}

static void tear_down(struct fixture *f)
{
    flight_list_release(&f->list);
    flight_table_free(f->table);
}

static const char *after(struct fixture *f, int64_t mono_ms)
{
    flight_list_update(&f->list, f->table, &f->context, ++f->version, mono_ms);
    return order(&f->list, f->text);
}

static void it_sorts_by_any_column_both_ways(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    assert_string_equal(after(&f, 0), "2 3 1");
    flight_list_sort_by(&f.list, COLUMN_ALT, true);
    assert_string_equal(after(&f, 1), "1 3 2");
    tear_down(&f);
}

static void rows_keep_their_place_until_it_settles(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    flight_list_sort_by(&f.list, COLUMN_ALT, false);
    assert_string_equal(after(&f, 0), "2 3 1");
    put(f.table, 2, "AAA", 40000, 1000);
    put(f.table, 4, "DDD", 100, 1000);
    assert_string_equal(after(&f, 1000), "2 3 1 4");
    assert_string_equal(after(&f, FLIGHT_LIST_SETTLE_MS), "4 3 1 2");
    tear_down(&f);
}

static void a_row_moves_only_when_it_matters(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    put(f.table, 1, "CCC", 36000, 1000);
    put(f.table, 2, "AAA", 36025, 1000);
    flight_list_sort_by(&f.list, COLUMN_ALT, false);
    assert_string_equal(after(&f, 0), "3 1 2");
    put(f.table, 1, "CCC", 36050, 1000); /* less than the margin: the noise of cruise */
    assert_string_equal(after(&f, FLIGHT_LIST_SETTLE_MS), "3 1 2");
    put(f.table, 1, "CCC", 36200, 1000);
    put(f.table, 2, "AAA", 36000, 1000);
    assert_string_equal(after(&f, 2 * FLIGHT_LIST_SETTLE_MS), "3 2 1");
    put(f.table, 1, "CCC", 36150, 1000); /* and who asks gets the exact order */
    put(f.table, 2, "AAA", 36090, 1000);
    put(f.table, 3, "BBB", 36100, 1000);
    after(&f, 3 * FLIGHT_LIST_SETTLE_MS);
    flight_list_sort_by(&f.list, COLUMN_ALT, false);
    assert_string_equal(after(&f, 3 * FLIGHT_LIST_SETTLE_MS + 1), "2 3 1");
    tear_down(&f);
}

static void an_emergency_is_on_top_until_acknowledged(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    after(&f, 0);
    put(f.table, 1, "CCC", 30000, 7700);
    assert_string_equal(after(&f, 10), "1 2 3");
    assert_int_equal(f.list.emergencies, 1);
    flight_list_ack(&f.list, 1);
    assert_string_equal(after(&f, 20), "2 3 1");
    assert_int_equal(f.list.emergencies, 0);
    tear_down(&f);
}

static void a_filter_chooses_and_a_wrong_one_changes_nothing(void **state)
{
    (void)state;
    struct fixture f;
    struct strbuf error;
    set_up(&f);
    strbuf_init(&error, 256);
    assert_true(flight_list_set_filter(&f.list, "alt > 15000", &error));
    assert_string_equal(after(&f, 0), "3 1");
    assert_false(flight_list_set_filter(&f.list, "alt > > 1", &error));
    assert_non_null(strstr(strbuf_text(&error), "column "));
    assert_string_equal(f.list.filter_text, "alt > 15000");
    assert_true(flight_list_set_filter(&f.list, "  ", &error));
    assert_string_equal(after(&f, 1), "2 3 1");
    strbuf_release(&error);
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_sorts_by_any_column_both_ways),
        cmocka_unit_test(rows_keep_their_place_until_it_settles),
        cmocka_unit_test(a_row_moves_only_when_it_matters),
        cmocka_unit_test(an_emergency_is_on_top_until_acknowledged),
        cmocka_unit_test(a_filter_chooses_and_a_wrong_one_changes_nothing),
    };
    return cmocka_run_group_tests_name("flight_list", tests, NULL, NULL);
}
