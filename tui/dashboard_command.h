/*
 * Does what `:` commands with an argument, `w` and `y` say. Views and actions by
 * name are the dashboard's own. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct command;
struct dashboard;
struct canvas;

/* Runs a command that is neither view nor action; mistakes are told as notices. */
void dashboard_run(struct dashboard *d, const struct command *command);

/* Goes through time: a recording's, or the live view's past. */
void dashboard_go(struct dashboard *d, int64_t ms);

/* What is shown fits the view and the time: after either changed. */
void dashboard_choose_app(struct dashboard *d);

/* Copies what the focused row of a drawn screen says. */
void dashboard_copy_row(struct dashboard *d, const struct canvas *drawn);

/* Opens the question for a file's name, with one that is free. */
void dashboard_ask_file(struct dashboard *d);

/*
 * Writes the drawn screen or the view's data to the file that was named; an
 * existing one only after `overwrite`. Ends in MODE_VIEW, MODE_FILE with an
 * error, or MODE_OVERWRITE.
 */
void dashboard_write(struct dashboard *d, const struct canvas *drawn, bool overwrite);
