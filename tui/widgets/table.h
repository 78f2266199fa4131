/*
 * A table on a rectangle: a header, rows that scroll, one selected row (its mark
 * and its first cell say so). Columns
 * leave by priority when it gets narrow and are never cut. The caller draws the
 * cells. Pure; one thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ui/canvas.h"

enum { TABLE_COLUMNS_MAX = 80, TABLE_GAP = 2 };

struct table_column {
    const char *title;
    const char *unit; /* follows the title, dim; "" = none */
    int width;
    int priority; /* lower stays longer; 0 = always */
    bool right;
    bool sorted; /* by this column, the header says */
    bool reverse;
    bool grows; /* takes what is left over */
    int id;     /* the caller's */
};

/* Where the rows are scrolled to and which is selected. */
struct scroll {
    size_t top, selected;
};

/*
 * Chooses the columns that fit into width, in the order given, and gives what is
 * left to those that grow. Returns how many; ret_columns holds TABLE_COLUMNS_MAX.
 */
size_t table_fit(const struct table_column *columns, size_t count, int width,
                 struct table_column *ret_columns);

/* Brings selection and top into range so that the selected row is among `visible`. */
void scroll_fit(struct scroll *scroll, size_t count, int visible);

struct table {
    const struct table_column *columns; /* from table_fit */
    size_t column_count;
    size_t rows;
    const struct scroll *scroll; /* selected = SIZE_MAX: none */
    const void *data;
    /* Writes one cell: exactly column->width columns. */
    void (*draw_cell)(const void *data, size_t row, const struct table_column *column,
                      struct pen *pen);
    /* The mark in front of a row: one column; NULL = none. */
    void (*draw_mark)(const void *data, size_t row, bool selected, struct pen *pen);
};

/* Draws header and rows; returns the number of rows that fit. */
int table_draw(const struct table *table, struct canvas *canvas, struct rect area);
