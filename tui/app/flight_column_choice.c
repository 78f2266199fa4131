#include "app/flight_column_choice.h"

#include <stdio.h>
#include <string.h>

void column_choice_read(struct column_choice *choice, const char *text)
{
    choice->count = 0;
    while (*text != '\0') {
        size_t n = strcspn(text, ", ");
        enum flight_column column = flight_column_by_name(text, n);
        if (column != COLUMN_COUNT &&
            column_choice_find(choice, column) == choice->count)
            choice->columns[choice->count++] = column;
        text += n + (text[n] != '\0' ? 1 : 0);
    }
}

void column_choice_write(const struct column_choice *choice, char *ret_text,
                         size_t size)
{
    size_t used = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < choice->count; i++) {
        const char *name = flight_column_info(choice->columns[i])->name;
        if (used + strlen(name) + 2 > size)
            return;
        used += (size_t)snprintf(ret_text + used, size - used, "%s%s", i > 0 ? " " : "",
                                 name);
    }
}

size_t column_choice_find(const struct column_choice *choice, enum flight_column column)
{
    size_t i = 0;
    while (i < choice->count && choice->columns[i] != column)
        i++;
    return i;
}

/* After the last chosen one that the table has before it. */
static size_t natural_place(const struct column_choice *choice,
                            enum flight_column column)
{
    size_t place = 0;
    for (size_t i = 0; i < choice->count; i++) {
        if (choice->columns[i] < column)
            place = i + 1;
    }
    return place;
}

void column_choice_toggle(struct column_choice *choice, enum flight_column column)
{
    size_t at = column_choice_find(choice, column);
    enum flight_column *columns = choice->columns;
    if (at < choice->count && choice->count > 1) {
        choice->count--;
        memmove(columns + at, columns + at + 1, (choice->count - at) * sizeof *columns);
    } else if (at == choice->count) {
        at = natural_place(choice, column);
        memmove(columns + at + 1, columns + at, (choice->count - at) * sizeof *columns);
        columns[at] = column;
        choice->count++;
    }
}

bool column_choice_move(struct column_choice *choice, enum flight_column column,
                        int step)
{
    size_t at = column_choice_find(choice, column);
    size_t to = at + (size_t)step;
    if (at == choice->count || to >= choice->count)
        return false;
    choice->columns[at] = choice->columns[to];
    choice->columns[to] = column;
    return true;
}
