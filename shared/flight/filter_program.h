/*
 * A filter compiled for matching: a list of tests, each naming the test to go to
 * when it is true and when it is not, so that matching is a walk without stack.
 *
 * `not` is gone: it was pushed down to the tests (De Morgan holds with three
 * values), where it only inverts what is known. So at a test "unknown" and
 * "false" may be one, and the walk needs but two values. Inside the filter only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flight/filter_tree.h"

enum filter_test_kind {
    TEST_INTERVALS, /* a number lies in one of the intervals */
    TEST_CHOICE,    /* an ENUM value is in the set of values `words` */
    TEST_MODES,     /* a BITS value has a bit of `words` */
    TEST_PATTERNS,  /* a text matches one of the patterns */
    TEST_WORD,      /* callsign, registration, type or hex matches the pattern */
    TEST_BOOLEAN,
    TEST_KNOWN
};

enum filter_pattern_mode { PATTERN_EXACT, PATTERN_GLOB, PATTERN_CONTAINS };

struct filter_interval {
    int64_t low; /* inclusive, in the subject's fixed point */
    int64_t high;
};

struct filter_pattern {
    enum filter_pattern_mode mode;
    uint8_t length;
    char text[FILTER_PATTERN_MAX]; /* upper case */
};

struct filter_test {
    uint8_t kind;
    bool inverted; /* true when known and not so */
    uint16_t subject;
    uint16_t first; /* of the intervals or patterns */
    uint16_t count;
    uint16_t on_true; /* index of a test, or ACCEPT, REJECT */
    uint16_t on_false;
    uint32_t words;
};

enum { FILTER_ACCEPT = UINT16_MAX, FILTER_REJECT = UINT16_MAX - 1 };

struct filter_program {
    struct filter_test *tests;
    struct filter_interval *intervals;
    struct filter_pattern *patterns;
    size_t test_count;
    size_t interval_count;
    size_t pattern_count;
    uint16_t entry;
};

/* Compiles a tree; owns its arrays afterwards. */
void filter_program_init(struct filter_program *program,
                         const struct filter_tree *tree);
void filter_program_release(struct filter_program *program);

/* Whether a text of n bytes matches, in any case of letters. */
bool filter_pattern_matches(const struct filter_pattern *pattern, const char *text,
                            size_t n);
