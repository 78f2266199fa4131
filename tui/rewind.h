/*
 * Looking back in the live view: a second app that holds a moment of the past
 * while the live one goes on. Views of flights, alerts and services are given the past
 * one; the others show what is now, and the banner says so. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app/app.h"
#include "app/history.h"

struct strbuf;

struct rewind {
    struct app *live; /* borrowed */
    struct history *history;
    struct app past; /* while active */
    bool active;
    int64_t at_ms; /* epoch: the moment that is shown */
};

void rewind_init(struct rewind *r, struct app *live);
void rewind_release(struct rewind *r);

/* Once a second: keeps the present for later. */
void rewind_second(struct rewind *r);

/*
 * Goes so many ms into the past (negative) or back; past the newest moment the
 * live view is there again. False when nothing is kept yet.
 */
bool rewind_skip(struct rewind *r, int64_t ms);

/* Back to what is now. */
void rewind_leave(struct rewind *r);

/* The past's clock stands still while time goes on. */
void rewind_set_time(struct rewind *r);

/* What the person chose (selection, filter, order, ...) goes along. */
void rewind_share(const struct app *from, struct app *to);

/* What the banner says. `live`: the view that is shown has no past. */
void rewind_banner(const struct rewind *r, bool live, struct strbuf *out);
