/*
 * opensky: the OpenSky Network's /states/all, polled. With credentials by OAuth2
 * client credentials, else anonymous; looks after the quota either way.
 */
#pragma once

#include "sources/source.h"

extern const struct source_class source_opensky;
