#include "flight/filter_program.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "flight/filter_names.h"
#include "flight/flight_names.h"

/* --- numbers: every comparison is a closed interval ---------------------- */

/* The number times 10^decimals, rounded down; beyond 2^62 it stays there. */
static int64_t floor_fixed(struct flight_number number, unsigned decimals)
{
    const int64_t limit = INT64_C(1) << 62;
    int32_t shift = (int32_t)decimals - number.decimals;
    uint64_t m = number.mantissa;
    bool rest = false;
    if (shift < 0) {
        uint64_t power = flight_number_powers[-shift];
        rest = m % power != 0;
        m /= power;
    } else if (m > (uint64_t)limit / flight_number_powers[shift]) {
        return number.negative ? -limit : limit;
    } else {
        m *= flight_number_powers[shift];
    }
    return number.negative ? -(int64_t)m - rest : (int64_t)m;
}

static bool is_whole(struct flight_number number, unsigned decimals)
{
    int32_t shift = (int32_t)decimals - number.decimals;
    return shift >= 0 || number.mantissa % flight_number_powers[-shift] == 0;
}

static struct filter_interval
interval_of(enum filter_compare compare, struct flight_number number, unsigned decimals)
{
    int64_t below = floor_fixed(number, decimals);
    bool whole = is_whole(number, decimals);
    switch (compare) {
    case COMPARE_LT:
        return (struct filter_interval){INT64_MIN, whole ? below - 1 : below};
    case COMPARE_LE: return (struct filter_interval){INT64_MIN, below};
    case COMPARE_GT: return (struct filter_interval){below + 1, INT64_MAX};
    case COMPARE_GE:
        return (struct filter_interval){whole ? below : below + 1, INT64_MAX};
    case COMPARE_EQ:
    case COMPARE_NE:
    case COMPARE_IN:
    case COMPARE_LIKE: break;
    }
    return (struct filter_interval){whole ? below : 1, whole ? below : 0};
}

/* --- texts --------------------------------------------------------------- */

static bool has_wildcard(const struct filter_value *value)
{
    return memchr(value->text, '*', value->length) != NULL ||
           memchr(value->text, '?', value->length) != NULL;
}

static struct filter_pattern pattern_of(enum filter_compare compare,
                                        const struct filter_value *value)
{
    struct filter_pattern pattern = {.mode = PATTERN_EXACT, .length = value->length};
    if (has_wildcard(value))
        pattern.mode = PATTERN_GLOB;
    else if (compare == COMPARE_LIKE)
        pattern.mode = PATTERN_CONTAINS;
    for (size_t i = 0; i < value->length; i++) {
        char c = value->text[i];
        pattern.text[i] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return pattern;
}

/* The set of a field's words that the pattern matches. */
static uint32_t words_matching(const struct filter_pattern *pattern, unsigned subject)
{
    enum flight_field field = (enum flight_field)subject;
    bool modes = filter_subject_kind(subject) == FILTER_MODES;
    const char *word;
    uint32_t words = 0;
    for (unsigned i = 0; i < 32; i++) {
        word = modes ? flight_bit_text(field, i) : flight_enum_text(field, (int32_t)i);
        if (word == NULL)
            break;
        if (filter_pattern_matches(pattern, word, strlen(word)))
            words |= UINT32_C(1) << i;
    }
    return words;
}

/* --- tests --------------------------------------------------------------- */

struct compiler {
    const struct filter_tree *tree;
    struct filter_program *program;
};

static void add_interval(struct compiler *c, struct filter_test *test,
                         struct filter_interval interval)
{
    c->program->intervals[c->program->interval_count++] = interval;
    test->kind = TEST_INTERVALS;
    test->count++;
}

static void add_pattern(struct compiler *c, struct filter_test *test,
                        struct filter_pattern pattern)
{
    c->program->patterns[c->program->pattern_count++] = pattern;
    test->kind = TEST_PATTERNS;
    test->count++;
}

static void add_value(struct compiler *c, struct filter_test *test,
                      const struct filter_node *node, const struct filter_value *value)
{
    switch (filter_subject_kind(node->subject)) {
    case FILTER_NUMBER:
        add_interval(c, test,
                     interval_of(node->compare, value->number,
                                 filter_subject_decimals(node->subject)));
        return;
    case FILTER_SQUAWK:
        if (node->compare != COMPARE_LIKE) {
            add_interval(c, test, interval_of(node->compare, value->number, 0));
            return;
        }
        break;
    case FILTER_CHOICE:
    case FILTER_MODES: {
        struct filter_pattern pattern = pattern_of(node->compare, value);
        test->words |= words_matching(&pattern, node->subject);
        return;
    }
    case FILTER_STRING:
    case FILTER_BOOLEAN: break;
    }
    add_pattern(c, test, pattern_of(node->compare, value));
}

static struct filter_test compare_test(struct compiler *c,
                                       const struct filter_node *node)
{
    enum filter_kind kind = filter_subject_kind(node->subject);
    bool numeric = kind == FILTER_NUMBER ||
                   (kind == FILTER_SQUAWK && node->compare != COMPARE_LIKE);
    struct filter_test test = {.kind = kind == FILTER_MODES ? TEST_MODES : TEST_CHOICE,
                               .inverted = node->compare == COMPARE_NE,
                               .subject = node->subject,
                               .first =
                                   (uint16_t)(numeric ? c->program->interval_count
                                                      : c->program->pattern_count)};
    for (size_t i = 0; i < node->value_count; i++)
        add_value(c, &test, node, &c->tree->values[node->first_value + i]);
    return test;
}

static struct filter_test leaf_test(struct compiler *c, const struct filter_node *node)
{
    struct filter_test test = {.subject = node->subject};
    switch (node->kind) {
    case NODE_COMPARE: return compare_test(c, node);
    case NODE_UNKNOWN:
        test.kind = TEST_KNOWN;
        test.inverted = true;
        return test;
    case NODE_WORD:
        test = compare_test(c, node);
        test.kind = TEST_WORD;
        return test;
    case NODE_BOOLEAN:
    case NODE_AND:
    case NODE_OR:
    case NODE_NOT: break;
    }
    test.kind = TEST_BOOLEAN;
    return test;
}

/*
 * Adds the tests of a node, last first, so that where to go on is known: the
 * index to go to when the node is true, and when not. Returns its entry.
 */
static uint16_t compile(struct compiler *c, uint16_t index, bool inverted,
                        uint16_t on_true, uint16_t on_false)
{
    const struct filter_node *node = &c->tree->nodes[index];
    if (node->kind == NODE_NOT)
        return compile(c, node->left, !inverted, on_true, on_false);
    if (node->kind == NODE_AND || node->kind == NODE_OR) {
        bool both = (node->kind == NODE_AND) != inverted;
        uint16_t right = compile(c, node->right, inverted, on_true, on_false);
        return both ? compile(c, node->left, inverted, right, on_false)
                    : compile(c, node->left, inverted, on_true, right);
    }
    struct filter_test test = leaf_test(c, node);
    test.inverted ^= inverted;
    test.on_true = on_true;
    test.on_false = on_false;
    c->program->tests[c->program->test_count] = test;
    return (uint16_t)c->program->test_count++;
}

void filter_program_init(struct filter_program *program, const struct filter_tree *tree)
{
    struct compiler c = {.tree = tree, .program = program};
    *program = (struct filter_program){.entry = FILTER_ACCEPT};
    if (tree->node_count == 0)
        return;
    program->tests = xcalloc(tree->node_count, sizeof *program->tests);
    program->intervals = xcalloc(tree->value_count + 1, sizeof *program->intervals);
    program->patterns = xcalloc(tree->value_count + 1, sizeof *program->patterns);
    program->entry = compile(&c, tree->root, false, FILTER_ACCEPT, FILTER_REJECT);
}

void filter_program_release(struct filter_program *program)
{
    free(program->tests);
    free(program->intervals);
    free(program->patterns);
    *program = (struct filter_program){0};
}
