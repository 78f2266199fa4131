/*
 * Going where a view sends the person, and back with Esc: the filter that the way
 * there set is taken back too. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct dashboard;

/* Shows the i-th view; Esc does not lead back from there. */
void dashboard_enter(struct dashboard *d, size_t view);

/* Does what app_jump_to asked for, if anything. */
void dashboard_jump(struct dashboard *d);

/* Esc was pressed, and the view has done something with it or not. True when that
 * ended what was jumped to: the view before is shown again. */
bool dashboard_jump_back(struct dashboard *d, bool done);
