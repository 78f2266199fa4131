/*
 * The points of all graphs as text: what --once --view metrics prints and `w`
 * writes there. Pure.
 */
#pragma once

#include "app/app.h"
#include "base/strbuf.h"
#include "once_text.h"

/* A table has one line a series: how many points, the least, largest and last. */
void once_metrics(const struct app *app, enum once_format format, struct strbuf *out);
