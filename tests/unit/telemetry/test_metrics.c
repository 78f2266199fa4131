#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/strbuf.h"
#include "telemetry/metrics.h"
#include "telemetry/process_metrics.h"

/* Everything written by m, in a buffer that the next call replaces. */
static const char *written(struct metrics *m, bool openmetrics, struct strbuf *out)
{
    strbuf_clear(out);
    metrics_write(m, openmetrics, out);
    return strbuf_text(out);
}

#define ASSERT_HAS(text, part)   assert_non_null(strstr(text, part))
#define ASSERT_LACKS(text, part) assert_null(strstr(text, part))

static void counters_start_at_zero_and_gauges_start_unknown(void **state)
{
    (void)state;
    struct metrics *m = metrics_new();
    struct strbuf out;
    strbuf_init(&out, 1 << 20);
    ASSERT_HAS(written(m, false, &out), "\nflightdash_ticks_total 0\n");
    ASSERT_LACKS(strbuf_text(&out), "flightdash_flights");
    metrics_set(m, METRIC_FLIGHTS, 0);
    ASSERT_HAS(written(m, false, &out),
               "# TYPE flightdash_flights gauge\nflightdash_flights 0\n");
    metric_add(metrics_cell(m, METRIC_FLIGHTS), 3);
    metrics_add(m, METRIC_TICKS, 2);
    ASSERT_HAS(written(m, false, &out), "\nflightdash_flights 3\n");
    ASSERT_HAS(strbuf_text(&out), "\nflightdash_ticks_total 2\n");
    strbuf_release(&out);
    metrics_free(m);
}

static void label_values_are_escaped(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        const char *text;
    } rows[] = {
        {"plain", "{source=\"plain\"}"},
        {"quo\"te", "{source=\"quo\\\"te\"}"},
        {"back\\slash", "{source=\"back\\\\slash\"}"},
        {"line\nfeed", "{source=\"line feed\"}"},
        {"bad\xff utf8", "{source=\"bad\xef\xbf\xbd utf8\"}"},
        {"", "{source=\"\"}"},
    };
    struct metrics *m = metrics_new();
    struct strbuf out;
    strbuf_init(&out, 1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        metrics_add_to(m, METRIC_SOURCE_RECORDS, rows[i].value, 1);
        ASSERT_HAS(written(m, false, &out), rows[i].text);
    }
    strbuf_release(&out);
    metrics_free(m);
}

static void the_same_labels_are_the_same_cell(void **state)
{
    (void)state;
    struct metrics *m = metrics_new();
    struct metric_cell *cell =
        metrics_cell_of(m, METRIC_SOURCE_ERRORS, "roof", "timeout");
    assert_ptr_equal(cell, metrics_cell_of(m, METRIC_SOURCE_ERRORS, "roof", "timeout"));
    assert_ptr_not_equal(cell,
                         metrics_cell_of(m, METRIC_SOURCE_ERRORS, "roof", "refused"));
    metric_add(cell, 4);
    metrics_cell_of(m, METRIC_SOURCE_ERRORS, "attic", "timeout");
    metric_add(metrics_cell_of(m, METRIC_SOURCE_ERRORS, "attic", "timeout"), 3);
    assert_true(metrics_sum(m, METRIC_SOURCE_ERRORS) > 6.9);
    assert_true(metrics_sum(m, METRIC_SOURCE_ERRORS) < 7.1);
    metrics_free(m);
}

static void too_many_label_values_share_one_cell(void **state)
{
    (void)state;
    struct metrics *m = metrics_new();
    struct strbuf out;
    strbuf_init(&out, 1 << 20);
    for (int i = 0; i < METRICS_CELLS_MAX + 50; i++) {
        char name[16];
        snprintf(name, sizeof name, "s%d", i);
        metrics_add_to(m, METRIC_SOURCE_RECORDS, name, 1);
    }
    ASSERT_HAS(written(m, false, &out),
               "flightdash_source_records_total{source=\"other\"} 51\n");
    ASSERT_LACKS(strbuf_text(&out), "source=\"s300\"");
    strbuf_release(&out);
    metrics_free(m);
}

static void histogram_buckets_are_cumulative(void **state)
{
    (void)state;
    struct metrics *m = metrics_new();
    struct strbuf out;
    strbuf_init(&out, 1 << 20);
    struct metric_cell *cell = metrics_cell(m, METRIC_TICK_DURATION);
    static const double samples[] = {0.0001, 0.001, 0.002, 0.25, 60};
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        metric_observe(cell, samples[i]);
    const char *text = written(m, false, &out);
    ASSERT_HAS(text, "flightdash_tick_duration_seconds_bucket{le=\"0.0005\"} 1\n");
    ASSERT_HAS(text, "flightdash_tick_duration_seconds_bucket{le=\"0.001\"} 2\n");
    ASSERT_HAS(text, "flightdash_tick_duration_seconds_bucket{le=\"1.0\"} 4\n");
    ASSERT_HAS(text, "flightdash_tick_duration_seconds_bucket{le=\"+Inf\"} 5\n");
    ASSERT_HAS(text, "flightdash_tick_duration_seconds_sum 60.2531\n");
    ASSERT_HAS(text, "flightdash_tick_duration_seconds_count 5\n");
    strbuf_release(&out);
    metrics_free(m);
}

static void openmetrics_names_counters_without_total_and_ends_with_eof(void **state)
{
    (void)state;
    struct metrics *m = metrics_new();
    struct strbuf out;
    strbuf_init(&out, 1 << 20);
    const char *text = written(m, true, &out);
    ASSERT_HAS(text, "# TYPE flightdash_ticks counter\nflightdash_ticks_total 0\n");
    assert_string_equal(text + out.len - 6, "# EOF\n");
    ASSERT_LACKS(written(m, false, &out), "# EOF");
    strbuf_release(&out);
    metrics_free(m);
}

static void process_rows_tell_of_this_process(void **state)
{
    (void)state;
    struct metrics *m = metrics_new();
    process_metrics_update(m, INT64_C(1800000000000));
    assert_true(metrics_value(m, METRIC_PROCESS_RESIDENT_MEMORY) > 100000);
    assert_true(metrics_value(m, METRIC_PROCESS_OPEN_FDS) >= 3);
    assert_true(metrics_value(m, METRIC_PROCESS_START_TIME) > 1799000000.0);
    assert_true(metrics_value(m, METRIC_PROCESS_START_TIME) <= 1800000000.0);
    metrics_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_start_at_zero_and_gauges_start_unknown),
        cmocka_unit_test(label_values_are_escaped),
        cmocka_unit_test(the_same_labels_are_the_same_cell),
        cmocka_unit_test(too_many_label_values_share_one_cell),
        cmocka_unit_test(histogram_buckets_are_cumulative),
        cmocka_unit_test(openmetrics_names_counters_without_total_and_ends_with_eof),
        cmocka_unit_test(process_rows_tell_of_this_process),
    };
    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
