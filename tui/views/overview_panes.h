/*
 * The panes of the overview: each draws what it is told about on its rectangle,
 * below its own title. No state; one thread.
 */
#pragma once

#include "app/app.h"
#include "app/flight_counts.h"
#include "ui/canvas.h"
#include "views/overview_spots.h"

enum { OVERVIEW_HISTORY = 240, OVERVIEW_STEP_MS = 5000 };

enum {
    OVERVIEW_FLIGHTS,
    OVERVIEW_UPDATES, /* a second */
    OVERVIEW_BYTES,   /* kB a second */
    OVERVIEW_LAG,     /* ms */
    OVERVIEW_RATES
};

/* Numbers over time, a sample every OVERVIEW_STEP_MS. */
struct overview_history {
    double values[OVERVIEW_RATES][OVERVIEW_HISTORY];
    size_t count;
    int64_t at_ms;        /* monotonic, of the last sample */
    uint64_t rows, bytes; /* at the last sample */
};

/* What all panes may read. */
struct overview_facts {
    const struct app *app;
    const struct flight_counts *counts;
    const struct overview_history *history;
    struct spots *spots; /* the rows that can be opened are noted here */
    int64_t counted_ms;  /* the server's clock when `counts` were true */
};

/* Rows that a pane would fill, its title left out. */
int overview_attention_rows(const struct overview_facts *facts);
int overview_source_rows(const struct overview_facts *facts);

/* A rule with a title; what is left below. */
struct rect overview_title(struct canvas *canvas, struct rect area, const char *title);

typedef void (*overview_pane_fn)(const struct overview_facts *facts,
                                 struct canvas *canvas, struct rect area);

void overview_attention(const struct overview_facts *facts, struct canvas *canvas,
                        struct rect area);
void overview_services(const struct overview_facts *facts, struct canvas *canvas,
                       struct rect area);
/* All services in one line, the worst first. */
void overview_strip(const struct overview_facts *facts, struct canvas *canvas,
                    struct rect area);
void overview_sources(const struct overview_facts *facts, struct canvas *canvas,
                      struct rect area);
void overview_rates(const struct overview_facts *facts, struct canvas *canvas,
                    struct rect area);
void overview_traffic(const struct overview_facts *facts, struct canvas *canvas,
                      struct rect area);
void overview_altitudes(const struct overview_facts *facts, struct canvas *canvas,
                        struct rect area);
void overview_countries(const struct overview_facts *facts, struct canvas *canvas,
                        struct rect area);
void overview_operators(const struct overview_facts *facts, struct canvas *canvas,
                        struct rect area);
void overview_types(const struct overview_facts *facts, struct canvas *canvas,
                    struct rect area);
