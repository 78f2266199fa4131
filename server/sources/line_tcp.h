/*
 * Sources that send lines over TCP: readsb's JSON port (readsb+tcp) and
 * BaseStation's (sbs+tcp).
 */
#pragma once

#include "sources/source.h"

extern const struct source_class source_readsb_tcp;
extern const struct source_class source_sbs_tcp;
