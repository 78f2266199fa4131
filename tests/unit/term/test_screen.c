/*
 * A frame is one write, whatever changed. This program's write() stands before the
 * C library's, for ncurses as well, and counts what goes to the terminal; the other
 * end of the pseudo-terminal tells whether anything went past it.
 */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/macros.h"
#include "term/caps.h"
#include "term/screen.h"
#include "ui/canvas.h"
#include "ui/theme.h"

enum { WIDTH = 200, HEIGHT = 50, PTY_HOLDS = 4096 };

struct world {
    int master, slave;
    size_t arrived;
    struct theme theme;
    struct screen *screen;
    struct canvas *canvas;
};

static dev_t terminal;
static unsigned writes;
static size_t written;
static unsigned looks; /* SGR sequences */

/* The terminal takes a frame in one piece only while it has room: it is read meanwhile.
 */
static struct world *reading;

static void read_all(struct world *w, int timeout_ms)
{
    char bytes[65536];
    struct pollfd p = {.fd = w->master, .events = POLLIN};
    while (poll(&p, 1, timeout_ms) > 0) {
        ssize_t n = read(w->master, bytes, sizeof bytes);
        if (n <= 0)
            return;
        w->arrived += (size_t)n;
    }
}

/* How many sequences set a look (CSI ... m). */
static unsigned count_looks(const char *text, size_t n)
{
    unsigned count = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        if (text[i] != '\033' || text[i + 1] != '[')
            continue;
        for (i += 2; i < n && (text[i] < 0x40 || text[i] > 0x7E);)
            i++;
        count += i < n && text[i] == 'm';
    }
    return count;
}

/* The C library's write, but what goes to the terminal is counted and read at once. */
ssize_t write(int fd, const void *buf, size_t n)
{
    struct stat st;
    bool counts = terminal != 0 && fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
                  st.st_rdev == terminal;
    const char *text = buf;
    size_t done = 0;
    if (!counts)
        return syscall(SYS_write, fd, buf, n);
    writes++;
    written += n;
    looks += count_looks(text, n);
    while (done < n) {
        size_t piece = MIN_OF(n - done, (size_t)PTY_HOLDS / 2);
        long got = syscall(SYS_write, fd, text + done, piece);
        if (got < 0)
            return got;
        done += (size_t)got;
        read_all(reading, 0);
    }
    return (ssize_t)n;
}

static int open_world(void **state)
{
    static struct world w;
    struct winsize size = {.ws_col = WIDTH, .ws_row = HEIGHT};
    struct caps caps;
    struct stat st;
    struct strbuf error;
    strbuf_init(&error, 256);
    setenv("TERM", "xterm-256color", 1);
    setenv("COLORTERM", "truecolor", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    unsetenv("NO_COLOR");
    unsetenv("STY");
    w.master = posix_openpt(O_RDWR | O_NOCTTY);
    if (w.master < 0 || grantpt(w.master) != 0 || unlockpt(w.master) != 0)
        return -1;
    w.slave = open(ptsname(w.master), O_RDWR | O_NOCTTY);
    if (w.slave < 0 || ioctl(w.slave, TIOCSWINSZ, &size) != 0 ||
        fstat(w.slave, &st) != 0)
        return -1;
    theme_load(&w.theme, "nord", NULL, &error);
    strbuf_release(&error);
    caps_find(&caps, w.slave, CAPS_COLOURS_AUTO, false);
    reading = &w;
    terminal = st.st_rdev;
    w.screen = screen_open(w.slave, &caps, &w.theme, true);
    w.canvas = canvas_new(WIDTH, HEIGHT, false);
    screen_ask(w.screen, true);
    screen_synchronize(w.screen);
    *state = &w;
    return caps.depth == DEPTH_TRUE ? 0 : -1;
}

static int close_world(void **state)
{
    struct world *w = *state;
    screen_close(w->screen);
    canvas_free(w->canvas);
    close(w->slave);
    close(w->master);
    terminal = 0;
    return 0;
}

/* How many writes a frame took. */
static unsigned present(struct world *w)
{
    unsigned before = writes;
    assert_int_equal(screen_present(w->screen, w->canvas), 0);
    return writes - before;
}

static void fill(struct world *w, int seed)
{
    for (int y = 0; y < HEIGHT; y++) {
        struct pen pen = pen_on(w->canvas, (struct rect){0, y, WIDTH, 1});
        pen.marked = y % 7 == seed % 7;
        for (int x = 0; x < WIDTH; x += 5)
            pen_textf(&pen, (enum role)((x + y * seed) % ROLE_COUNT), "%5d",
                      seed * x + y);
    }
}

static void a_frame_is_one_write(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 30; i++) {
        fill(w, i); /* nearly every cell, each with its colours */
        canvas_set_cursor(w->canvas, i, i, i % 2 == 0);
        assert_int_equal(present(w), 1);
    }
    struct pen pen = pen_on(w->canvas, canvas_rect(w->canvas));
    pen_text(&pen, ROLE_OK, "a few cells");
    assert_int_equal(present(w), 1);
    screen_ring(w->screen);
    canvas_set_cursor(w->canvas, 1, 1, true);
    assert_int_equal(present(w), 1);
    screen_set_theme(w->screen, &w->theme);
    assert_int_equal(present(w), 1);
    canvas_clear(w->canvas);
    assert_int_equal(present(w), 1);
}

static void each_look_is_said_once_when_little_changes(void **state)
{
    struct world *w = *state;
    static const enum role roles[] = {ROLE_OK, ROLE_WARN, ROLE_TEXT};
    canvas_clear(w->canvas);
    present(w);
    looks = 0;
    for (int y = 0; y < 30; y++) {
        struct pen pen = pen_on(w->canvas, (struct rect){10, y, 20, 1});
        pen_text(&pen, roles[y % 3], "12");
        pen_text(&pen, roles[(y + 1) % 3], "34");
    }
    assert_int_equal(present(w), 1);
    assert_in_range(looks, 3, 4); /* and the end, where nothing is left on */
}

static void a_new_size_is_one_write(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 5; i++) {
        canvas_resize(w->canvas, 60 + 20 * i, 20 + i);
        screen_resize(w->screen, 60 + 20 * i, 20 + i);
        assert_int_equal(present(w), 1);
    }
}

static void nothing_new_is_no_write(void **state)
{
    struct world *w = *state;
    present(w);
    uint64_t frames = screen_frames(w->screen);
    assert_int_equal(present(w), 0);
    assert_int_equal(screen_frames(w->screen), frames);
}

static void nothing_went_past_the_counter(void **state)
{
    struct world *w = *state;
    screen_leave(w->screen);
    read_all(w, 200);
    assert_true(writes > 0);
    assert_int_equal(w->arrived, written);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_is_one_write),
        cmocka_unit_test(each_look_is_said_once_when_little_changes),
        cmocka_unit_test(a_new_size_is_one_write),
        cmocka_unit_test(nothing_new_is_no_write),
        cmocka_unit_test(nothing_went_past_the_counter),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
