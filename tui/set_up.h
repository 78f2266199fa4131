/*
 * From settings and the kept state to a dashboard, and back: what a terminal and
 * a script do the same way. Main thread.
 */
#pragma once

#include "settings.h"

struct dashboard;
struct strbuf;

/* Gives a new dashboard what the settings say: view, theme, map. */
void dashboard_set_up(struct dashboard *d, const struct settings *settings);

/*
 * Takes back what was kept, where no setting says otherwise. A broken file is told
 * on the message line and left out.
 */
void state_restore(struct dashboard *d, const struct settings *settings);

/* Keeps the state. 0, or negative errno with a sentence. */
int state_keep(const struct dashboard *d, const struct settings *settings,
               struct strbuf *ret_error);
