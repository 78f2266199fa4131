#include "telemetry/metrics.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "base/strbuf.h"

enum metric_type { COUNTER, GAUGE, HISTOGRAM_SECONDS, HISTOGRAM_BYTES };
enum { LABELS_MAX = 2, LABEL_VALUE_SIZE = 96, BUCKETS_MAX = 15 };

struct metric_row {
    const char *name;
    enum metric_type type;
    const char *labels[LABELS_MAX]; /* "" = none */
    const char *help;
};

static const struct metric_row rows[] = {
#define METRIC(id, name, type, label1, label2, help)                                   \
    [METRIC_##id] = {name, type, {label1, label2}, help},
#include "telemetry/metrics.def"
#undef METRIC
};

static const double seconds_bounds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                        0.1,    0.25,  0.5,    1,     2.5,  5,     10};
static const double bytes_bounds[] = {64,    256,    1024,    4096,    16384,
                                      65536, 262144, 1048576, 4194304, 16777216};

struct histogram {
    _Atomic uint64_t buckets[BUCKETS_MAX]; /* one more than bounds: +Inf */
    _Atomic double sum;
};

/*
 * The value is added + base: counters and gauges are moved by one atomic add,
 * and a gauge set to a fraction goes through base.
 */
struct metric_cell {
    struct metric_cell *next;
    const struct metric_row *row;
    _Atomic int64_t added;
    _Atomic double base;
    _Atomic bool touched; /* a gauge nobody has set is unknown, not zero */
    struct histogram *histogram;
    char values[LABELS_MAX][LABEL_VALUE_SIZE];
};

struct metric_family {
    struct metric_cell *first; /* in order of creation */
    struct metric_cell *last;
    unsigned count;
};

struct metrics {
    pthread_mutex_t lock; /* guards the lists; the numbers are atomic */
    struct metric_family families[METRIC_COUNT];
};

static bool is_histogram(const struct metric_row *row)
{
    return row->type == HISTOGRAM_SECONDS || row->type == HISTOGRAM_BYTES;
}

static const double *bounds_of(const struct metric_row *row, size_t *ret_count)
{
    if (row->type == HISTOGRAM_BYTES) {
        *ret_count = ARRAY_LEN(bytes_bounds);
        return bytes_bounds;
    }
    *ret_count = ARRAY_LEN(seconds_bounds);
    return seconds_bounds;
}

static struct metric_cell *cell_new(const struct metric_row *row)
{
    struct metric_cell *cell = xcalloc(1, sizeof *cell);
    cell->row = row;
    if (is_histogram(row))
        cell->histogram = xcalloc(1, sizeof *cell->histogram);
    return cell;
}

static struct metric_cell *family_add(struct metric_family *family,
                                      const struct metric_row *row)
{
    struct metric_cell *cell = cell_new(row);
    if (family->last)
        family->last->next = cell;
    else
        family->first = cell;
    family->last = cell;
    family->count++;
    return cell;
}

struct metrics *metrics_new(void)
{
    struct metrics *m = xcalloc(1, sizeof *m);
    pthread_mutex_init(&m->lock, NULL);
    for (size_t id = 0; id < METRIC_COUNT; id++)
        if (!rows[id].labels[0][0])
            family_add(&m->families[id], &rows[id]);
    return m;
}

void metrics_free(struct metrics *m)
{
    if (!m)
        return;
    for (size_t id = 0; id < METRIC_COUNT; id++) {
        struct metric_cell *next = NULL;
        for (struct metric_cell *cell = m->families[id].first; cell; cell = next) {
            next = cell->next;
            free(cell->histogram);
            free(cell);
        }
    }
    pthread_mutex_destroy(&m->lock);
    free(m);
}

/* Copies a label value; control bytes would need escapes the format has not. */
static void copy_value(char *ret_value, const char *value)
{
    snprintf(ret_value, LABEL_VALUE_SIZE, "%s", value ? value : "");
    for (char *p = ret_value; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = ' ';
}

static struct metric_cell *family_find(const struct metric_family *family,
                                       char values[LABELS_MAX][LABEL_VALUE_SIZE])
{
    for (struct metric_cell *cell = family->first; cell; cell = cell->next)
        if (strcmp(cell->values[0], values[0]) == 0 &&
            strcmp(cell->values[1], values[1]) == 0)
            return cell;
    return NULL;
}

static struct metric_cell *family_cell(struct metric_family *family,
                                       const struct metric_row *row,
                                       char values[LABELS_MAX][LABEL_VALUE_SIZE])
{
    struct metric_cell *cell = family_find(family, values);
    if (cell)
        return cell;
    if (family->count >= METRICS_CELLS_MAX - 1) {
        for (size_t i = 0; i < LABELS_MAX; i++)
            copy_value(values[i], row->labels[i][0] ? "other" : "");
        cell = family_find(family, values);
    }
    if (!cell) {
        cell = family_add(family, row);
        memcpy(cell->values, values, sizeof cell->values);
    }
    return cell;
}

struct metric_cell *metrics_cell_of(struct metrics *m, enum metric_id id,
                                    const char *value1, const char *value2)
{
    char values[LABELS_MAX][LABEL_VALUE_SIZE];
    copy_value(values[0], rows[id].labels[0][0] ? value1 : NULL);
    copy_value(values[1], rows[id].labels[1][0] ? value2 : NULL);
    pthread_mutex_lock(&m->lock);
    struct metric_cell *cell = family_cell(&m->families[id], &rows[id], values);
    pthread_mutex_unlock(&m->lock);
    return cell;
}

struct metric_cell *metrics_cell(struct metrics *m, enum metric_id id)
{
    return metrics_cell_of(m, id, NULL, NULL);
}

void metric_add(struct metric_cell *cell, int64_t n)
{
    atomic_fetch_add_explicit(&cell->added, n, memory_order_relaxed);
    if (cell->row->type == GAUGE)
        atomic_store_explicit(&cell->touched, true, memory_order_relaxed);
}

void metric_set(struct metric_cell *cell, double value)
{
    atomic_store(&cell->added, 0);
    atomic_store(&cell->base, value);
    atomic_store(&cell->touched, true);
}

static void atomic_add_double(_Atomic double *sum, double value)
{
    double old = atomic_load_explicit(sum, memory_order_relaxed);
    while (!atomic_compare_exchange_weak(sum, &old, old + value))
        continue;
}

void metric_observe(struct metric_cell *cell, double value)
{
    if (!cell->histogram || isnan(value))
        return;
    size_t count = 0;
    const double *bounds = bounds_of(cell->row, &count);
    size_t i = 0;
    while (i < count && value > bounds[i])
        i++;
    atomic_fetch_add_explicit(&cell->histogram->buckets[i], 1, memory_order_relaxed);
    atomic_add_double(&cell->histogram->sum, value);
}

double metric_value(const struct metric_cell *cell)
{
    return (double)atomic_load(&cell->added) + atomic_load(&cell->base);
}

void metrics_add(struct metrics *m, enum metric_id id, int64_t n)
{
    metric_add(metrics_cell(m, id), n);
}

void metrics_add_to(struct metrics *m, enum metric_id id, const char *value1, int64_t n)
{
    metric_add(metrics_cell_of(m, id, value1, NULL), n);
}

void metrics_set(struct metrics *m, enum metric_id id, double value)
{
    metric_set(metrics_cell(m, id), value);
}

void metrics_set_to(struct metrics *m, enum metric_id id, const char *value1,
                    double value)
{
    metric_set(metrics_cell_of(m, id, value1, NULL), value);
}

double metrics_value(struct metrics *m, enum metric_id id)
{
    return metric_value(metrics_cell(m, id));
}

double metrics_sum(struct metrics *m, enum metric_id id)
{
    double sum = 0;
    pthread_mutex_lock(&m->lock);
    for (struct metric_cell *cell = m->families[id].first; cell; cell = cell->next)
        sum += metric_value(cell);
    pthread_mutex_unlock(&m->lock);
    return sum;
}

/* The shortest of %.15g and %.17g that reads back as the same number. */
static void write_number(double value, struct strbuf *out)
{
    if (isnan(value)) {
        strbuf_add_text(out, "NaN");
    } else if (isinf(value)) {
        strbuf_add_text(out, value > 0 ? "+Inf" : "-Inf");
    } else if (fabs(value) < 1e15 && value >= floor(value) && value <= floor(value)) {
        strbuf_add_int(out, (int64_t)value);
    } else {
        char text[32];
        snprintf(text, sizeof text, "%.15g", value);
        const double again = strtod(text, NULL);
        if (again < value || again > value)
            snprintf(text, sizeof text, "%.17g", value);
        strbuf_add_text(out, text);
    }
}

/* {a="x",b="y",le="0.5"}; nothing at all when there is no label. */
static void write_labels(const struct metric_cell *cell, const char *le,
                         struct strbuf *out)
{
    char separator = '{';
    for (size_t i = 0; i < LABELS_MAX; i++) {
        if (!cell->row->labels[i][0])
            continue;
        strbuf_add_char(out, separator);
        strbuf_addf(out, "%s=", cell->row->labels[i]);
        strbuf_add_json(out, cell->values[i], strlen(cell->values[i]));
        separator = ',';
    }
    if (le) {
        strbuf_addf(out, "%cle=\"%s\"", separator, le);
        separator = ',';
    }
    if (separator == ',')
        strbuf_add_char(out, '}');
}

static void write_sample(const struct metric_cell *cell, const char *suffix,
                         const char *le, double value, struct strbuf *out)
{
    strbuf_add_text(out, cell->row->name);
    strbuf_add_text(out, suffix);
    write_labels(cell, le, out);
    strbuf_add_char(out, ' ');
    write_number(value, out);
    strbuf_add_char(out, '\n');
}

static void write_histogram(const struct metric_cell *cell, struct strbuf *out)
{
    size_t count = 0;
    const double *bounds = bounds_of(cell->row, &count);
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        char le[32];
        snprintf(le, sizeof le, "%.15g", bounds[i]);
        if (!strpbrk(le, ".e")) /* OpenMetrics: le is always a float */
            snprintf(le, sizeof le, "%.1f", bounds[i]);
        total += atomic_load(&cell->histogram->buckets[i]);
        write_sample(cell, "_bucket", le, (double)total, out);
    }
    total += atomic_load(&cell->histogram->buckets[count]);
    write_sample(cell, "_bucket", "+Inf", (double)total, out);
    write_sample(cell, "_sum", NULL, atomic_load(&cell->histogram->sum), out);
    write_sample(cell, "_count", NULL, (double)total, out);
}

static void write_cell(const struct metric_cell *cell, struct strbuf *out)
{
    if (cell->histogram)
        write_histogram(cell, out);
    else
        write_sample(cell, "", NULL, metric_value(cell), out);
}

/* A counter's family has no _total in OpenMetrics; in text 0.0.4 it has. */
static void write_head(const struct metric_row *row, bool openmetrics,
                       struct strbuf *out)
{
    static const char *const types[] = {[COUNTER] = "counter",
                                        [GAUGE] = "gauge",
                                        [HISTOGRAM_SECONDS] = "histogram",
                                        [HISTOGRAM_BYTES] = "histogram"};
    size_t len = strlen(row->name);
    if (openmetrics && row->type == COUNTER)
        len -= strlen("_total");
    strbuf_addf(out, "# HELP %.*s %s\n", (int)len, row->name, row->help);
    strbuf_addf(out, "# TYPE %.*s %s\n", (int)len, row->name, types[row->type]);
}

static bool is_shown(const struct metric_cell *cell)
{
    return cell->row->type != GAUGE || atomic_load(&cell->touched);
}

static void write_family(const struct metric_family *family, bool openmetrics,
                         struct strbuf *out)
{
    bool headed = false;
    for (const struct metric_cell *cell = family->first; cell; cell = cell->next) {
        if (!is_shown(cell))
            continue;
        if (!headed)
            write_head(cell->row, openmetrics, out);
        headed = true;
        write_cell(cell, out);
    }
}

void metrics_write(struct metrics *m, bool openmetrics, struct strbuf *out)
{
    pthread_mutex_lock(&m->lock);
    for (size_t id = 0; id < METRIC_COUNT; id++)
        write_family(&m->families[id], openmetrics, out);
    pthread_mutex_unlock(&m->lock);
    if (openmetrics)
        strbuf_add_text(out, "# EOF\n");
}
