/*
 * The pipeline's own state as one JSON object, for the channel pipeline: how
 * many records went which way and how fast, what waits in Kafka and in the
 * producer, the sources with their age, clients. One thread (the platform feed's).
 */
#pragma once

#include <stdint.h>

struct bus;
struct ingest;
struct metrics;
struct producer;
struct strbuf;
struct web_server;

struct pipeline {
    struct metrics *metrics;
    const struct bus *bus;
    struct producer *producer;
    struct ingest *ingest; /* NULL = the ingest role is elsewhere */
    const struct web_server *web;
    double last_consumed; /* for the rate */
    int64_t last_ms;
};

/* Writes the object; data is a struct pipeline. */
void pipeline_write(void *data, struct strbuf *out);
