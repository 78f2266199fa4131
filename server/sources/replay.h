/*
 * replay: a recording as a source, its times shifted to now: JSON lines, readsb
 * trace_full, aircraft.json and history_N.json (or a folder of them), OpenSky
 * replies, BaseStation lines; plain, gzip or zstd.
 */
#pragma once

#include "sources/source.h"

extern const struct source_class source_replay;
