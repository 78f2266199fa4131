/*
 * A named thread that owns a loop. The name (<= 15 bytes) shows in top, gdb and
 * the log. Signals are blocked in it: only main takes them.
 */
#pragma once

#include "net/loop.h"

struct thread;

/* Starts the thread: it calls setup(data), then runs its loop, then teardown(data). */
struct thread *thread_start(const char *name, loop_fn setup, loop_fn teardown,
                            void *data, struct loop *loop);

/* Stops the loop, waits for the thread to end, frees it. Accepts NULL. */
void thread_stop(struct thread *thread);
