#include "term/restore.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static struct {
    volatile sig_atomic_t armed;
    int fd;
    bool registered;
    size_t len;
    struct termios modes;
    char text[RESTORE_MAX];
} restore;

/* Only calls that are safe in a signal handler. */
static void restore_now(void)
{
    if (!restore.armed)
        return;
    restore.armed = 0;
    ssize_t ignored = write(restore.fd, restore.text, restore.len);
    (void)ignored;
    tcsetattr(restore.fd, TCSANOW, &restore.modes);
}

static void on_deadly_signal(int signum)
{
    restore_now();
    raise(signum); /* SA_RESETHAND: this time it kills */
}

void restore_arm(int fd, const struct termios *modes, const char *text, size_t len)
{
    static const int deadly[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT};
    restore.armed = 0;
    restore.fd = fd;
    restore.modes = *modes;
    restore.len = len < RESTORE_MAX ? len : RESTORE_MAX;
    memcpy(restore.text, text, restore.len);
    if (!restore.registered) {
        struct sigaction action = {.sa_handler = on_deadly_signal,
                                   .sa_flags = (int)SA_RESETHAND | SA_NODEFER};
        for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
            sigaction(deadly[i], &action, NULL);
        atexit(restore_now);
        restore.registered = true;
    }
    restore.armed = 1;
}

void restore_disarm(void)
{
    restore.armed = 0;
}
