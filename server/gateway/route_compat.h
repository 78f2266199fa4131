/*
 * The forms that programs of other people speak: readsb's data/ folder (tar1090
 * and everything that reads an aircraft.json), and ADS-B v2. Handlers of
 * routes.c.
 */
#pragma once

struct http_exchange;

void route_aircraft_json(struct http_exchange *x);
void route_receiver_json(struct http_exchange *x);
void route_v2_point(struct http_exchange *x);
void route_v2_hex(struct http_exchange *x);
void route_v2_callsign(struct http_exchange *x);
void route_v2_squawk(struct http_exchange *x);
void route_v2_military(struct http_exchange *x);
