/*
 * Flights as our own API hands them out: lists in several formats, one flight
 * with its trail. Handlers of routes.c.
 */
#pragma once

struct http_exchange;

void route_flights(struct http_exchange *x);
void route_flight(struct http_exchange *x);
