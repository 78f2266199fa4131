/*
 * The altitude scale: one role for each 10,000 ft. Pure.
 */
#pragma once

#include "flight/flight.h"
#include "ui/role.h"

enum role altitude_role(const struct flight *f);
