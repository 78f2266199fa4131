/*
 * UTF-8 text as a terminal shows it: code points, columns, and what must never
 * reach a terminal (control bytes, bidirectional overrides, broken bytes). Data
 * from outside goes through here before it becomes a cell. Pure; any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { TEXT_BAD = 0xFFFD };

/*
 * Reads one code point from n > 0 bytes and returns how many it took; a byte
 * that is not UTF-8 (overlong and surrogate forms too) is one TEXT_BAD.
 */
size_t text_decode(const char *s, size_t n, uint32_t *ret_cp);

/* Writes cp as UTF-8 with a NUL; returns the bytes without it (1..4). */
size_t text_encode(uint32_t cp, char ret_utf8[5]);

/* Columns of a code point: 1 or 2; 0 for combining ones; -1 for what is not shown. */
int text_columns(uint32_t cp);

/* Columns of a whole text. */
int text_width(const char *s);

/* The closest ASCII character: arrows, bars, boxes, braille, Latin letters; else '?'.
 */
char text_ascii(uint32_t cp);

/*
 * What the Linux console's fonts have in the place of a character of one column: those
 * of code page 437 and Latin letters, which the kernel's own font and Debian's share.
 */
uint32_t text_console(uint32_t cp);
