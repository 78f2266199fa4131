/*
 * What the kernel knows of this process (memory, CPU, descriptors, start),
 * under the names that every Prometheus client library uses, so that ready-made
 * dashboards and alerts fit. Read on demand, just before a scrape is answered.
 * Any thread.
 */
#pragma once

#include <stdint.h>

struct metrics;

/* Sets the process_*, log and build rows. now_ms: epoch ms. */
void process_metrics_update(struct metrics *m, int64_t now_ms);
