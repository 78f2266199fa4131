/*
 * sim: the simulated world as a source. Each aircraft is heard rate_hz times a
 * second, the aircraft spread evenly over that time.
 */
#pragma once

#include "sources/source.h"

extern const struct source_class source_sim;
