/*
 * Flights, services, log lines, counts as text for other programs: table, JSON, CSV,
 * one JSON object a line. Pure; one thread.
 */
#pragma once

#include <stdbool.h>

#include "app/app.h"
#include "base/strbuf.h"
#include "once_text.h"

/* The format of a name that the options know. */
enum once_format once_format_by_name(const char *name);

/* What a view shows, whole; false when it has nothing to print. */
bool once_write(const struct app *app, const char *view, enum once_format format,
                struct strbuf *out);
