/*
 * Flights, services and log lines as text for other programs: table, JSON, CSV,
 * one JSON object a line. Pure; one thread.
 */
#pragma once

#include "app/app.h"
#include "base/strbuf.h"

enum once_format { FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV, FORMAT_NDJSON };

/* The format of a name that the options know. */
enum once_format once_format_by_name(const char *name);

void once_write_flights(const struct app *app, enum once_format format,
                        struct strbuf *out);
void once_write_services(const struct app *app, enum once_format format,
                         struct strbuf *out);
void once_write_logs(const struct app *app, enum once_format format,
                     struct strbuf *out);
