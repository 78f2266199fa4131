/*
 * A view as a row: what it is called, how it draws, what it does with keys. A
 * view reads the app and draws; it changes only its own state, and the app
 * through the app's verbs. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/app.h"
#include "base/strbuf.h"
#include "ui/action.h"
#include "ui/canvas.h"
#include "ui/key.h"

enum { VIEW_NOTE_SIZE = 64 };

/* Takes one thing worth keeping: a name and a text, both borrowed. */
typedef void (*view_note_fn)(void *data, const char *name, const char *text);

struct view_class {
    const char *name;  /* --view and `:` */
    const char *title; /* top line */
    char key;          /* the digit that goes there */
    enum context context;

    /* The context while something lies over the view. NULL = always `context`. */
    enum context (*context_now)(const void *state);
    size_t state_size; /* bytes of its state, zeroed at the start */

    /* Shown: asks for what it needs. NULL = nothing. */
    void (*open)(void *state, struct app *app);

    /* Frees what the state holds. NULL = nothing. */
    void (*release)(void *state);

    /* Before drawing, while shown: brings what it derives up to date. NULL = nothing.
     */
    void (*update)(void *state, struct app *app);

    /* Draws on the area, which is blank. May change how far it is scrolled. */
    void (*draw)(void *state, const struct app *app, struct canvas *canvas,
                 struct rect area);

    /* Somebody comes from another view for this: makes it the selected one and
     * closes what lies over it. "" = nothing special. NULL = nothing. */
    void (*select)(void *state, struct app *app, const char *what);

    /* Does an action; false when it means nothing here. */
    bool (*act)(void *state, struct app *app, enum action action);

    /* A click at a place of the area (row from 0). NULL = nothing. */
    void (*click)(void *state, struct app *app, int x, int y);

    /* All that the mouse does in the area, x and y relative to it: then click is not
     * called and the wheel does not scroll. NULL = that is fine. */
    void (*mouse)(void *state, struct app *app, struct key key);

    /*
     * The line of `/`: its prompt and present text, and taking a new text. done:
     * Enter was pressed; until then it is a try. False with a sentence in error.
     * NULL = no such line here.
     */
    const char *(*line_prompt)(const void *state);
    const char *(*line_text)(const void *state, const struct app *app);
    bool (*line_take)(void *state, struct app *app, const char *text, bool done,
                      struct strbuf *error);

    /* What stands at the right of that line, "" = nothing: how many match. And the
     * text with its last word completed, false when nothing comes to mind. NULL =
     * neither. */
    void (*line_note)(const void *state, const struct app *app,
                      char ret_note[VIEW_NOTE_SIZE]);
    bool (*line_complete)(const char *text, struct strbuf *ret_text);

    /* One line about what is shown, for the message line. NULL = nothing. */
    void (*describe)(const void *state, const struct app *app, struct strbuf *out);

    /*
     * What of the state is worth keeping between sessions and in `:link`: keep says
     * it as names and texts (no line ends), take is given one back and is false
     * when it means nothing. NULL = nothing.
     */
    void (*keep)(const void *state, const struct app *app, view_note_fn note,
                 void *data);
    bool (*take)(void *state, struct app *app, const char *name, const char *text);

    /* For the bottom line, ending with ACTION_NONE. */
    const enum action *hints;
};
