/*
 * Gives the terminal back whatever happens: at exit, and when the process is
 * about to die of a signal. One terminal per process: a signal handler has no
 * argument, so this file keeps what it must write (the one mutable state of the
 * terminal program that is not passed by pointer). Main thread.
 */
#pragma once

#include <stddef.h>

struct termios;

/*
 * From now on, an exit or a deadly signal writes the bytes to fd and sets its
 * modes. text is copied; at most RESTORE_MAX bytes.
 */
enum { RESTORE_MAX = 256 };
void restore_arm(int fd, const struct termios *modes, const char *text, size_t len);

/* The terminal has been given back in the orderly way. */
void restore_disarm(void);
