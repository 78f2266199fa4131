/*
 * The role ingest: opens the sources, merges what they say per aircraft, and
 * produces one record per observation into flight-updates. A source in trouble
 * is shown (health row "source:NAME", metrics, ingest_sources) and never stops
 * the others. Lives on the loop it is given; new may be called before that loop
 * runs, free on its thread (or after it ended); ingest_sources from anywhere.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "telemetry/health.h"

struct ingest;
struct loop;
struct metrics;
struct producer;
struct strbuf;

enum {
    INGEST_SOURCES_MAX = 32,
    INGEST_NAME_SIZE = 24,
    INGEST_KIND_SIZE = 16,
    INGEST_TEXT_SIZE = 200
};

struct ingest_config {
    const char *const *sources; /* URLs as of --source; none is allowed */
    size_t source_count;
    const char *filter; /* take in only what matches; NULL or "" = everything */
    bool has_receiver;  /* a place for the filter's dist and bearing */
    double receiver_lat_deg;
    double receiver_lon_deg;
};

/* What it works with; all outlive it. board may be NULL. */
struct ingest_deps {
    struct loop *loop;
    struct producer *producer;
    struct metrics *metrics;
    struct health_board *board;
};

/* One source as others see it. */
struct source_status {
    char name[INGEST_NAME_SIZE]; /* the `src` of its records */
    char kind[INGEST_KIND_SIZE]; /* its URL's scheme */
    enum health_status status;
    char text[INGEST_TEXT_SIZE]; /* what is the matter; "" when nothing is */
    int64_t since_ms;            /* epoch; of this status */
    int64_t heard_ms;            /* epoch; newest message of an aircraft, 0 = never */
    double records_per_s;        /* read, over about the last ten seconds */
    uint64_t records;            /* read */
    uint64_t sent;               /* of them, produced */
    uint64_t refused;            /* records and fields */
    uint64_t errors;             /* failed polls, lost connections */
    int64_t quota_left;          /* requests, -1 = it has none */
    int64_t latency_ms;          /* of the last poll, -1 = none */
};

/* Opens every source. NULL with one line in ret_error. */
struct ingest *ingest_new(const struct ingest_config *config,
                          const struct ingest_deps *deps, struct strbuf *ret_error);

/* Closes the sources; what is produced is the producer's owner to flush. */
void ingest_free(struct ingest *ingest);

/* Copies at most max of them in the order of the configuration; returns how many. */
size_t ingest_sources(struct ingest *ingest, struct source_status *ret_status,
                      size_t max);
