/*
 * What the viewer is told without having asked: emergencies, and the comings and
 * goings of watched aircraft, as a notice, as rows of the alerts and, when wanted,
 * by the bell. One thread.
 */
#pragma once

struct app;

/* Looks for events. Call before each drawing; costs little when nothing arrived. */
void app_look_for_events(struct app *app);

/* Marks the selected aircraft as watched, or takes the mark away. */
void app_toggle_watch(struct app *app);
