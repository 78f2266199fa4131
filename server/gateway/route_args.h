/*
 * What routes share: reading parameters so that a mistake is told by its name,
 * and sending what was written to a buffer. A function that returns false has
 * answered already. On the io thread of the exchange.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

struct http_exchange;

/* False (400, bad_request) when the query names a parameter that the row has not. */
bool route_args_known(struct http_exchange *x);

/* limit=N, 0..max; default_limit when it is not given. */
bool route_args_limit(struct http_exchange *x, size_t default_limit, size_t max,
                      size_t *ret_limit);

/* A whole number, min..max; ret_value untouched when it is not given. */
bool route_args_int(struct http_exchange *x, const char *name, int64_t min, int64_t max,
                    int64_t *ret_value);

/* A number in the path or query, min..max; must be given. */
bool route_args_number(struct http_exchange *x, const char *name, double min,
                       double max, double *ret_value);

/* true or false, 1 or 0; ret_value untouched when it is not given. */
bool route_args_flag(struct http_exchange *x, const char *name, bool *ret_value);

/* 400 bad_request "name: what". */
void route_refuse(struct http_exchange *x, const char *name, const char *what);

/* Room for a whole answer; released by route_send. */
void route_body_init(struct strbuf *body);

/*
 * Answers 200 with the buffer, which is taken; 400 when the buffer overflowed
 * (the answer would be too large: ask for less).
 */
void route_send(struct http_exchange *x, const char *content_type, struct strbuf *body);
