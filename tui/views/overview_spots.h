/*
 * What can be opened on the overview: each row of a pane, and the sky, is a spot
 * with a place, noted anew with every drawing. One of them may have the focus; it
 * keeps it while rows come and go. Owned by the overview; one thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ui/canvas.h"

enum { SPOTS_MAX = 256, SPOT_TEXT_SIZE = 128 };

enum spot_kind {
    SPOT_SKY,
    SPOT_FLIGHT,  /* what: its address */
    SPOT_ALERT,   /* what: its id */
    SPOT_SERVICE, /* what: its name; "" = all of them */
    SPOT_FILTER,  /* what: a filter of flights, "" = all of them */
    SPOT_METRICS
};

struct spot {
    struct rect at; /* on the canvas */
    enum spot_kind kind;
    char what[SPOT_TEXT_SIZE];
};

struct spots {
    struct spot rows[SPOTS_MAX];
    size_t count;
    bool focused;
    size_t focus; /* of rows, when focused */
    struct spot kept;
};

/* Before a drawing: forgets the places. */
void spots_begin(struct spots *spots);

/* Notes one; more than SPOTS_MAX are left out. `what` is cut when too long. */
void spots_add(struct spots *spots, struct rect at, enum spot_kind kind,
               const char *what);

/* After it: the focus is where its spot is now, or on what took its place. */
void spots_end(struct spots *spots);

/* The nearest one in a direction (one of dx, dy is 1 or -1) gets the focus; the
 * first time, the first one. */
void spots_move(struct spots *spots, int dx, int dy);

/* The one at a place of the canvas; NULL = none. Smaller ones lie on top. */
const struct spot *spots_at(const struct spots *spots, int x, int y);

/* The one that has the focus; NULL = none. */
const struct spot *spots_focus(const struct spots *spots);

/* A filter "FIELD = \"value\"" that holds any value; cut: "FIELD ~ \"value*\"". */
void spot_filter(char ret_what[SPOT_TEXT_SIZE], const char *field, const char *value,
                 bool cut);
