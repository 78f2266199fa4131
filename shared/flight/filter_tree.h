/*
 * A filter expression as a tree, between parsing and compiling. Nodes and values
 * lie in arrays of fixed size and name each other by index, so that a tree is
 * one block and cannot leak. Inside the filter only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "flight/filter_limits.h"
#include "flight/flight_number.h"

enum filter_node_kind {
    NODE_AND,     /* left, right */
    NODE_OR,      /* left, right */
    NODE_NOT,     /* left */
    NODE_COMPARE, /* subject, compare, values */
    NODE_BOOLEAN, /* subject */
    NODE_UNKNOWN, /* subject */
    NODE_WORD     /* values[0] */
};

enum filter_compare {
    COMPARE_EQ,
    COMPARE_NE,
    COMPARE_LT,
    COMPARE_LE,
    COMPARE_GT,
    COMPARE_GE,
    COMPARE_LIKE,
    COMPARE_IN
};

struct filter_value {
    struct flight_number number; /* of number subjects and squawks */
    uint8_t length;
    char text[FILTER_PATTERN_MAX]; /* of all others; no NUL */
};

struct filter_node {
    enum filter_node_kind kind;
    enum filter_compare compare;
    uint16_t left;
    uint16_t right;
    uint16_t subject;
    uint16_t first_value;
    uint16_t value_count;
};

struct filter_tree {
    struct filter_node nodes[FILTER_NODES_MAX];
    struct filter_value values[FILTER_NODES_MAX];
    size_t node_count;
    size_t value_count;
    uint16_t root; /* meaningless when node_count is 0: matches everything */
};

/* Parses text into a fresh tree; false with "column N: ..." added to ret_error. */
bool filter_tree_parse(struct filter_tree *tree, const char *text,
                       struct strbuf *ret_error);

/* Adds the canonical text. */
void filter_tree_print(const struct filter_tree *tree, struct strbuf *out);
