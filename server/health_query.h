/*
 * `flightdashd --health`: asks the running one how it is. Main thread, with a
 * loop of its own; waits at most HEALTH_QUERY_TIMEOUT_MS.
 */
#pragma once

struct config;

enum { HEALTH_QUERY_TIMEOUT_MS = 5000 };

/*
 * Prints one line a component on the standard output and returns 0 for pass,
 * 1 for warn, 2 for fail or when nobody answers.
 */
int health_query(const struct config *config);
