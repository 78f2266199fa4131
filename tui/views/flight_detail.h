/*
 * All that is known of one aircraft: every field with its unit and since when it
 * has its value, where it was, and how high and fast. Part of the flights view.
 */
#pragma once

#include "app/app.h"
#include "ui/action.h"
#include "ui/canvas.h"

struct flight_detail {
    bool trail; /* the way that was made instead of the fields */
    int top, rows, page;
    uint32_t icao; /* whose trail was asked for, and when */
    int64_t asked_ms;
};

void flight_detail_open(struct flight_detail *d);

/* Asks for the trail of the selected aircraft, and again when it has grown old. */
void flight_detail_update(struct flight_detail *d, struct app *app);
void flight_detail_draw(struct flight_detail *d, const struct app *app, uint32_t icao,
                        struct canvas *canvas, struct rect area);
bool flight_detail_act(struct flight_detail *d, enum action action);
