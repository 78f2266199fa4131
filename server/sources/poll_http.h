/*
 * Sources that are one document, polled: readsb's aircraft.json and the v2 form,
 * each over http and https.
 */
#pragma once

#include "sources/source.h"

extern const struct source_class source_readsb_http;
extern const struct source_class source_readsb_https;
extern const struct source_class source_adsbv2_http;
extern const struct source_class source_adsbv2_https;
