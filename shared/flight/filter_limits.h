/*
 * The ceilings of a filter expression; its parts share them. Constant.
 */
#pragma once

enum {
    FILTER_TEXT_MAX = 4096, /* bytes of an expression */
    FILTER_NODES_MAX = 256, /* terms, operators and values of lists */
    FILTER_DEPTH_MAX = 64,  /* parentheses and nots inside each other */
    FILTER_PATTERN_MAX = 64 /* bytes of one text value */
};
