/*
 * The screen or the data of a view as a file: what kind it is its name's ending
 * says. Main thread.
 */
#pragma once

#include <stdbool.h>

struct app;
struct canvas;
struct strbuf;
struct theme;

enum export_kind {
    EXPORT_TEXT, /* .txt: the screen without colour */
    EXPORT_ANSI, /* .ansi: with colour, for cat */
    EXPORT_SVG,  /* .svg: a picture of it */
    EXPORT_CSV,  /* .csv .json .ndjson: the data, as --once prints it */
    EXPORT_JSON,
    EXPORT_NDJSON
};

/* False when the ending is none of these. */
bool export_kind_of(const char *path, enum export_kind *ret_kind);

/* The screen as one of the first three. */
void export_screen(const struct canvas *canvas, const struct theme *theme,
                   enum export_kind kind, struct strbuf *out);

/* A view's data as one of the last three; false when the view has none. */
bool export_data(const struct app *app, const char *view, enum export_kind kind,
                 struct strbuf *out);

/* Writes a new file, or over an old one when told so. 0 or negative errno. */
int export_save(const char *path, const struct strbuf *content, bool overwrite);
