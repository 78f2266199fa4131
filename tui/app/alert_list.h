/*
 * What somebody should look at, as the server tells it; open ones first, newest
 * first. Owned by the app; one thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_t;

enum { ALERTS_MAX = 256 };

struct alert_row {
    char id[128];
    char kind[24];
    char severity[16];
    char icao24[8];   /* "" when it is not about an aircraft */
    char service[64]; /* "" when it is not about a service; local: its name */
    char text[160];
    int64_t since_ms;
    int64_t until_ms; /* 0 while it lasts */
    bool acked;
    int64_t acked_ms; /* 0 = not told */
    bool local;       /* news for this viewer alone; never counted as open */
};

struct alert_list {
    struct alert_row *rows; /* NULL while empty */
    size_t count;
    bool told;
};

/* Takes an `alert` message: {"alerts":[..]} or one alert's members. */
size_t alert_list_take(struct alert_list *list, const struct json_t *body);
void alert_list_release(struct alert_list *list);

/* Adds a row of this viewer's, or takes the place of the one with the same id. */
void alert_list_tell(struct alert_list *list, const struct alert_row *row);

/* Forgets what the server told; the viewer's own rows stay. */
void alert_list_forget(struct alert_list *list);

/* Active and not acknowledged. */
size_t alert_list_open(const struct alert_list *list);

/* The open alert of an aircraft, NULL when there is none. */
const struct alert_row *alert_list_of(const struct alert_list *list, const char *hex);
