/*
 * A bus on the mock cluster with one producer, a loop, and what a consumer told:
 * for the tests of this folder. Everything runs on the test's thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "bus/bus.h"
#include "bus/consumer.h"

struct loop;
struct metrics;
struct producer;

struct bus_fixture {
    struct metrics *metrics;
    struct bus *bus;
    struct loop *loop;
    struct producer *producer;
    struct strbuf error;
    /* What the consumer of bus_fixture_consume told. */
    size_t records;
    size_t batches;
    bool caught_up;
    int stale;
    int live;
    char last_value[128];
    size_t tombstones;
    int64_t next_offset[64]; /* by partition; disorder is counted */
    size_t disorder;
};

void bus_fixture_open(struct bus_fixture *f, const char *const *properties,
                      size_t property_count);

/* The same with a cluster of the test's own: "127.0.0.1:PORT,...". */
void bus_fixture_open_at(struct bus_fixture *f, const char *brokers,
                         const char *const *properties, size_t property_count);
void bus_fixture_close(struct bus_fixture *f);

/* Sends count records "PREFIX N" with keys k0, k1, ...; asserts acceptance. */
void bus_fixture_send(struct bus_fixture *f, enum topic topic, const char *prefix,
                      int count);

/* A bus_records_fn that counts; data: the fixture. */
void bus_fixture_take(void *data, const struct bus_record *records, size_t count);

struct consumer *bus_fixture_consume(struct bus_fixture *f,
                                     const struct consumer_config *config);

/* Runs the loop until *done is true; fails the test after a minute. */
bool bus_fixture_run(struct bus_fixture *f, bool (*done)(struct bus_fixture *f));
