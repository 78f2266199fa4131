#include "flight/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "flight/country.h"
#include "flight/filter_names.h"
#include "flight/filter_program.h"
#include "flight/flight_fields.h"
#include "flight/flight_names.h"
#include "flight/operator.h"

struct filter {
    struct filter_program program;
    char *text; /* canonical */
    uint64_t fields;
    bool reads_time;
    bool reads_home;
};

/* What a subject says of a flight: up to two texts (a code and a name). */
struct texts {
    const char *code; /* NULL = unknown */
    const char *name; /* NULL = none */
    char buffer[FLIGHT_HEX_SIZE];
};

/* --- what a subject's value is ------------------------------------------- */

static struct geo_point position_of(const struct flight *f)
{
    return (struct geo_point){(double)f->v.num[FLIGHT_LAT] / GEO_E5,
                              (double)f->v.num[FLIGHT_LON] / GEO_E5};
}

static bool derived_number(const struct flight *f, unsigned subject,
                           const struct filter_context *context, int64_t *ret_value)
{
    if (subject == FILTER_AGE) {
        *ret_value = context->now_ms - f->heard_at_ms;
        return true;
    }
    if (subject == FILTER_VRATE) {
        enum flight_field rate =
            flight_has(f, FLIGHT_BARO_RATE) ? FLIGHT_BARO_RATE : FLIGHT_GEOM_RATE;
        *ret_value = f->v.num[rate];
        return flight_has(f, rate);
    }
    if (!flight_has_position(f))
        return false;
    if (subject == FILTER_POS_AGE) {
        *ret_value = context->now_ms - f->pos_at_ms;
        return true;
    }
    if (!context->has_home)
        return false;
    struct geo_point there = position_of(f);
    double value = subject == FILTER_DIST ? geo_distance_nm(context->home, there)
                                          : geo_bearing_deg(context->home, there);
    *ret_value = (int64_t)(value * 1000 + 0.5);
    return true;
}

static bool number_of(const struct flight *f, unsigned subject,
                      const struct filter_context *context, int64_t *ret_value)
{
    if (subject >= FLIGHT_FIELD_COUNT)
        return derived_number(f, subject, context, ret_value);
    int32_t value = f->v.num[subject];
    *ret_value = value == FLIGHT_ALT_GROUND ? 0 : value;
    return flight_has(f, (enum flight_field)subject);
}

static void operator_texts(const struct flight *f, struct texts *texts)
{
    const struct flight_operator *op =
        flight_has(f, FLIGHT_CALLSIGN) ? operator_of_callsign(f->v.callsign) : NULL;
    if (op == NULL)
        return;
    texts->code = op->icao;
    texts->name = op->name;
}

static void country_texts(const struct flight *f, struct texts *texts)
{
    if (f->icao & FLIGHT_NON_ICAO)
        return; /* such an address is nobody's */
    texts->code = country_of_icao24(f->icao);
    if (texts->code != NULL)
        texts->name = country_name(texts->code);
}

static void field_text(const struct flight *f, unsigned subject, struct texts *texts)
{
    enum flight_field field = (enum flight_field)subject;
    texts->code = texts->buffer;
    if (!flight_has(f, field))
        texts->code = NULL;
    else if (field == FLIGHT_CATEGORY)
        flight_category_text(f->v.num[field], texts->buffer);
    else if (field == FLIGHT_SQUAWK)
        snprintf(texts->buffer, sizeof texts->buffer, "%04d",
                 (int)f->v.num[field] % 10000);
    else
        texts->code = flight_values_text(&f->v, field);
}

static void texts_of(const struct flight *f, unsigned subject, struct texts *ret_texts)
{
    ret_texts->code = NULL;
    ret_texts->name = NULL;
    switch (subject) {
    case FILTER_HEX:
        flight_format_hex(f->icao, ret_texts->buffer);
        ret_texts->code = ret_texts->buffer;
        break;
    case FILTER_COUNTRY: country_texts(f, ret_texts); break;
    case FILTER_OPERATOR: operator_texts(f, ret_texts); break;
    default: field_text(f, subject, ret_texts); break;
    }
}

static bool boolean_of(const struct flight *f, unsigned subject, bool *ret_value)
{
    if (subject == FILTER_GROUND) {
        *ret_value = flight_on_ground(f);
        return flight_has(f, FLIGHT_ALT_BARO);
    }
    bool flagged = flight_has(f, FLIGHT_DB_FLAGS) &&
                   (f->v.num[FLIGHT_DB_FLAGS] & FLIGHT_DB_MILITARY);
    *ret_value =
        flagged || (!(f->icao & FLIGHT_NON_ICAO) && icao24_is_military(f->icao));
    return true;
}

/* --- tests: known is false when there is nothing to test ------------------- */

struct answer {
    bool known;
    bool holds;
};

static struct answer test_intervals(const struct filter_program *program,
                                    const struct filter_test *test,
                                    const struct flight *f,
                                    const struct filter_context *context)
{
    struct answer answer = {0};
    int64_t value;
    answer.known = number_of(f, test->subject, context, &value);
    if (!answer.known)
        return answer;
    const struct filter_interval *interval = &program->intervals[test->first];
    for (unsigned i = 0; i < test->count && !answer.holds; i++)
        answer.holds = interval[i].low <= value && value <= interval[i].high;
    return answer;
}

static struct answer test_words(const struct filter_test *test, const struct flight *f)
{
    struct answer answer = {0};
    uint32_t value = (uint32_t)f->v.num[test->subject];
    answer.known = flight_has(f, (enum flight_field)test->subject);
    if (test->kind == TEST_MODES)
        answer.holds = (value & test->words) != 0;
    else
        answer.holds = value < 32 && (test->words >> value & 1);
    return answer;
}

static bool any_pattern(const struct filter_program *program,
                        const struct filter_test *test, const char *text)
{
    size_t n = strlen(text);
    for (unsigned i = 0; i < test->count; i++)
        if (filter_pattern_matches(&program->patterns[test->first + i], text, n))
            return true;
    return false;
}

static struct answer test_patterns(const struct filter_program *program,
                                   const struct filter_test *test,
                                   const struct flight *f)
{
    struct answer answer = {0};
    struct texts texts;
    texts_of(f, test->subject, &texts);
    answer.known = texts.code != NULL;
    if (answer.known)
        answer.holds = any_pattern(program, test, texts.code) ||
                       (texts.name != NULL && any_pattern(program, test, texts.name));
    return answer;
}

/* Known however little is: everything has an address. */
static struct answer test_word(const struct filter_program *program,
                               const struct filter_test *test, const struct flight *f)
{
    static const unsigned subjects[] = {FLIGHT_CALLSIGN, FLIGHT_REGISTRATION,
                                        FLIGHT_TYPE_CODE, FILTER_HEX};
    struct answer answer = {.known = true};
    struct texts texts;
    for (size_t i = 0; i < ARRAY_LEN(subjects) && !answer.holds; i++) {
        texts_of(f, subjects[i], &texts);
        answer.holds = texts.code != NULL && any_pattern(program, test, texts.code);
    }
    return answer;
}

static bool is_known(const struct flight *f, unsigned subject,
                     const struct filter_context *context)
{
    int64_t value;
    bool boolean;
    struct texts texts;
    switch (filter_subject_kind(subject)) {
    case FILTER_STRING: texts_of(f, subject, &texts); return texts.code != NULL;
    case FILTER_BOOLEAN: return boolean_of(f, subject, &boolean);
    case FILTER_NUMBER:
    case FILTER_SQUAWK:
    case FILTER_CHOICE:
    case FILTER_MODES: break;
    }
    return number_of(f, subject, context, &value);
}

static struct answer answer_of(const struct filter_program *program,
                               const struct filter_test *test, const struct flight *f,
                               const struct filter_context *context)
{
    struct answer answer = {.known = true};
    switch ((enum filter_test_kind)test->kind) {
    case TEST_INTERVALS: return test_intervals(program, test, f, context);
    case TEST_CHOICE:
    case TEST_MODES: return test_words(test, f);
    case TEST_PATTERNS: return test_patterns(program, test, f);
    case TEST_WORD: return test_word(program, test, f);
    case TEST_BOOLEAN:
        answer.known = boolean_of(f, test->subject, &answer.holds);
        break;
    case TEST_KNOWN: answer.holds = is_known(f, test->subject, context); break;
    }
    return answer;
}

bool filter_match(const struct filter *filter, const struct flight *f,
                  const struct filter_context *context)
{
    if (filter == NULL)
        return true;
    uint16_t at = filter->program.entry;
    while (at < FILTER_REJECT) {
        const struct filter_test *test = &filter->program.tests[at];
        struct answer answer = answer_of(&filter->program, test, f, context);
        bool holds = answer.known && answer.holds != test->inverted;
        at = holds ? test->on_true : test->on_false;
    }
    return at == FILTER_ACCEPT;
}

/* --- parsing --------------------------------------------------------------- */

static void note_subject(struct filter *filter, unsigned subject)
{
    filter->fields |= filter_subject_fields(subject);
    filter->reads_time |= subject == FILTER_AGE || subject == FILTER_POS_AGE;
    filter->reads_home |= subject == FILTER_DIST || subject == FILTER_BEARING;
}

static void note_reads(struct filter *filter)
{
    for (size_t i = 0; i < filter->program.test_count; i++) {
        const struct filter_test *test = &filter->program.tests[i];
        note_subject(filter, test->subject);
        if (test->kind == TEST_WORD)
            filter->fields |=
                FLIGHT_BIT(FLIGHT_REGISTRATION) | FLIGHT_BIT(FLIGHT_TYPE_CODE);
    }
}

/* A filter of the tree; NULL when its canonical text is too long to parse again. */
static struct filter *filter_of_tree(const struct filter_tree *tree)
{
    struct strbuf text;
    strbuf_init(&text, FILTER_TEXT_MAX);
    filter_tree_print(tree, &text);
    if (text.overflowed) {
        strbuf_release(&text);
        return NULL;
    }
    struct filter *filter = xcalloc(1, sizeof *filter);
    filter->text = strbuf_detach(&text);
    filter_program_init(&filter->program, tree);
    note_reads(filter);
    return filter;
}

struct filter *filter_parse(const char *text, struct strbuf *ret_error)
{
    struct filter *filter = NULL;
    struct filter_tree *tree = xmalloc(sizeof *tree);
    if (filter_tree_parse(tree, text, ret_error)) {
        filter = filter_of_tree(tree);
        if (filter == NULL)
            strbuf_add_text(ret_error, "column 1: the filter is too long written out");
    }
    free(tree);
    return filter;
}

void filter_free(struct filter *filter)
{
    if (filter == NULL)
        return;
    filter_program_release(&filter->program);
    free(filter->text);
    free(filter);
}

const char *filter_text(const struct filter *filter)
{
    return filter->text;
}

uint64_t filter_fields(const struct filter *filter)
{
    return filter->fields;
}

bool filter_reads_time(const struct filter *filter)
{
    return filter->reads_time;
}

bool filter_reads_home(const struct filter *filter)
{
    return filter->reads_home;
}

const char *filter_field_name(size_t i)
{
    return filter_names_at(i);
}
