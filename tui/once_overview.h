/*
 * The overview as text: a line for each count, emergency and service. What --once
 * --view overview prints and `w` writes there. Pure.
 */
#pragma once

#include "app/app.h"
#include "base/strbuf.h"
#include "once_text.h"

/* Lines of what, name, count (none where nothing is counted) and what is said of it. */
void once_overview(const struct app *app, enum once_format format, struct strbuf *out);
