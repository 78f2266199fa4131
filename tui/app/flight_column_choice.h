/*
 * Which columns somebody chose, and in which order: what --columns names and the
 * chooser changes. Pure; one thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/flight_column.h"

struct column_choice {
    enum flight_column columns[COLUMN_COUNT];
    size_t count;
};

/* Reads names separated by blanks or commas; unknown and repeated ones are skipped. */
void column_choice_read(struct column_choice *choice, const char *text);

/* Writes them with a blank between; cut at a name when they do not fit. */
void column_choice_write(const struct column_choice *choice, char *ret_text,
                         size_t size);

/* The place of a column, choice->count when it was not chosen. */
size_t column_choice_find(const struct column_choice *choice,
                          enum flight_column column);

/* Takes a column out, or puts it where the table of columns has it. The last stays. */
void column_choice_toggle(struct column_choice *choice, enum flight_column column);

/* Moves a chosen column by one place; false at the end. */
bool column_choice_move(struct column_choice *choice, enum flight_column column,
                        int step);
