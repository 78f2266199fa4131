/*
 * The popup that chooses the columns of the flight list and their order; what it
 * changes is seen at once beside it. One thread.
 */
#pragma once

#include "app/app.h"
#include "app/flight_column_choice.h"
#include "ui/action.h"
#include "ui/canvas.h"
#include "widgets/table.h"

struct flight_chooser {
    bool open;
    size_t at; /* row: the chosen columns in their order, then the others */
    size_t top;
    int page;
    struct column_choice shown; /* the columns that have room, as last drawn */
};

void flight_chooser_open(struct flight_chooser *c);

/* Does an action; false when it means nothing to the chooser. */
bool flight_chooser_act(struct flight_chooser *c, struct app *app, enum action action);

/* Draws at the right of the area. */
void flight_chooser_draw(struct flight_chooser *c, const struct app *app,
                         struct canvas *canvas, struct rect area);
