/*
 * ncurses would write once per cursor move. So it is given a descriptor of its
 * own, which is a memory file while it composes a frame and the terminal
 * otherwise; the frame is then copied out whole. What the terminal shows is kept
 * here too, so that an unchanged canvas costs nothing, not even a look by ncurses.
 */
#include "term/screen.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "term/restore.h"
#include "term/squeeze.h"
#include "term/true_colour.h"
#include "ui/text.h"

enum {
    PAIRS_MAX = 250,
    LOOKS_MAX = 8,          /* drawn one after another ... */
    CHANGES_MAX = 1024,     /* ... when no more cells change */
    SYNCHRONIZED_MIN = 256, /* smaller frames come in one piece anyway */
    FRAME_MAX = 16 << 20    /* a screen of the largest size, each cell another look */
};

/* Buttons, motion with a button down, both as SGR. */
#define MOUSE_ON  "\033[?1000h\033[?1002h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1002l\033[?1000l"

/* DSR 5 "are you well?", DECRQM 2026 "do you synchronize?" and what 2026 is for. */
#define ASK_STATUS "\033[5n"
#define ASK_2026   "\033[?2026$p"
#define BEGIN_2026 "\033[?2026h"
#define END_2026   "\033[?2026l"

struct pair {
    int fg, bg;
};

struct change {
    int x, y;
    struct theme_style look;
};

struct screen {
    int tty;    /* the terminal */
    int out_fd; /* ncurses' descriptor */
    int frame;  /* memory file */
    FILE *out;  /* over out_fd */
    FILE *in;
    SCREEN *curses;
    struct termios before;
    enum colour_depth depth;
    bool console;
    bool direct; /* ncurses takes colours as 0xRRGGBB */
    struct true_colour true_colour;
    struct squeeze squeeze;
    struct strbuf bytes_out; /* the frame that leaves */
    bool mouse;
    bool ring;         /* with the next frame */
    bool left;         /* the screen is the shell's again ... */
    bool given_back;   /* ... and its modes */
    bool spare_corner; /* writing the last cell would push the one before it */
    bool ask;
    bool asked_modes;
    bool synchronize;
    const struct theme *theme;
    struct pair pairs[PAIRS_MAX];
    int pair_count;
    struct cell *shown;
    struct change changes[CHANGES_MAX];
    int width, height;
    int cursor_shown;
    uint64_t bytes, frames;
    int error;
};

/* ---- one write --------------------------------------------------------------- */

static void write_all(struct screen *s, const char *bytes, size_t n)
{
    while (n > 0 && s->error == 0) {
        ssize_t w = write(s->tty, bytes, n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0) {
            s->error = -errno;
            return;
        }
        bytes += w;
        n -= (size_t)w;
        s->bytes += (uint64_t)w;
    }
}

static void begin_frame(struct screen *s)
{
    dup2(s->frame, s->out_fd);
}

/* What ncurses composed, n bytes, as the terminal is to get it. */
static void add_frame(struct screen *s, size_t n)
{
    char *frame = xmalloc(n);
    char *coloured = xmalloc(2 * n);
    ssize_t got = pread(s->frame, frame, n, 0);
    if (got > 0) {
        size_t len =
            true_colour_translate(&s->true_colour, frame, (size_t)got, coloured);
        squeeze_frame(&s->squeeze, coloured, len, &s->bytes_out);
    }
    free(coloured);
    free(frame);
}

/* The frame of n bytes, with what goes before and behind it, in one write. */
static void send_frame(struct screen *s, size_t n)
{
    bool whole = s->synchronize && n >= SYNCHRONIZED_MIN;
    struct strbuf *out = &s->bytes_out;
    strbuf_clear(out);
    if (s->ask && !s->asked_modes) {
        s->asked_modes = true; /* the first frame clears what it may leave behind */
        strbuf_add_text(out, ASK_2026);
    }
    strbuf_add_text(out, whole ? BEGIN_2026 : "");
    add_frame(s, n);
    strbuf_add_text(out, whole ? END_2026 : "");
    strbuf_add_text(out, s->ask ? ASK_STATUS : "");
    write_all(s, strbuf_text(out), out->len);
    s->frames++;
}

static void end_frame(struct screen *s)
{
    dup2(s->tty, s->out_fd);
    off_t n = lseek(s->frame, 0, SEEK_CUR);
    if (n <= 0)
        return;
    send_frame(s, (size_t)n);
    if (ftruncate(s->frame, 0) != 0 || lseek(s->frame, 0, SEEK_SET) != 0)
        s->error = -EIO;
}

/* ---- looks --------------------------------------------------------------------- */

/* What ncurses calls a colour. */
static int colour_number(struct screen *s, int colour)
{
    /* Of such entries the first are numbers of the palette, 8 at least, 256 at most. */
    if (s->direct && colour >= 8)
        return (int)MAX_OF(colour_rgb(colour), 0x100U);
    return s->depth == DEPTH_TRUE ? true_colour_number(&s->true_colour, colour)
                                  : colour;
}

/* The number of a colour pair; 0 (the terminal's own) when they are used up. */
static int pair_of(struct screen *s, int fg, int bg)
{
    if (fg < 0 && bg < 0)
        return 0;
    for (int i = 0; i < s->pair_count; i++) {
        if (s->pairs[i].fg == fg && s->pairs[i].bg == bg)
            return i + 1;
    }
    if (s->pair_count == PAIRS_MAX || s->pair_count + 1 >= COLOR_PAIRS)
        return 0;
    s->pairs[s->pair_count] = (struct pair){fg, bg};
    init_extended_pair(++s->pair_count, colour_number(s, fg), colour_number(s, bg));
    return s->pair_count;
}

static attr_t attributes(unsigned attrs)
{
    attr_t a = A_NORMAL;
    a |= attrs & ATTR_BOLD ? A_BOLD : 0;
    a |= attrs & ATTR_DIM ? A_DIM : 0;
    a |= attrs & ATTR_UNDERLINE ? A_UNDERLINE : 0;
    a |= attrs & ATTR_REVERSE ? A_REVERSE : 0;
    return a;
}

static void put_char(int x, int y, wchar_t character, attr_t attrs, int pair)
{
    wchar_t text[2] = {character, L'\0'};
    cchar_t c;
    setcchar(&c, text, attrs, (short)pair, NULL);
    mvadd_wch(y, x, &c);
}

/* A character whose width the C library sees otherwise would move all behind it. */
static void put_cell(struct screen *s, int x, int y, const struct cell *cell)
{
    if (cell->text[0] == '\0')
        return; /* the second column of a wide character */
    if (s->spare_corner && x == s->width - 1 && y == s->height - 1)
        return;
    struct theme_style style =
        theme_style(s->theme, (enum role)cell->role, s->depth, cell->marked);
    int pair = s->depth == DEPTH_MONO ? 0 : pair_of(s, style.fg, style.bg);
    uint32_t cp;
    text_decode(cell->text, strlen(cell->text), &cp);
    int cells = text_columns(cp);
    if (s->console && cells == 1)
        cp = text_console(cp);
    attr_t attrs = attributes(style.attrs);
    bool agreed = cp < 0x7F || wcwidth((wchar_t)cp) == cells;
    if (cells == 2 && s->spare_corner && y == s->height - 1 && x >= s->width - 4)
        agreed = false; /* ncurses would insert it there, too */
    put_char(x, y, agreed ? (wchar_t)cp : L'?', attrs, pair);
    if (!agreed && cells == 2)
        put_char(x + 1, y, L' ', attrs, pair);
}

/* ---- life ---------------------------------------------------------------------- */

static void set_raw(struct screen *s)
{
    struct termios raw = s->before;
    raw.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INPCK | ISTRIP | IXON);
    raw.c_oflag &= ~(tcflag_t)ONLCR; /* a line feed moves down, as ncurses means it */
    raw.c_lflag &= ~(tcflag_t)(ECHO | ICANON | IEXTEN | ISIG);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(s->tty, TCSADRAIN, &raw);
    def_prog_mode();
    def_shell_mode(); /* endwin must not undo it: screen_give_back does */
}

static void add_capability(char *text, size_t size, const char *name)
{
    const char *bytes = tigetstr(name);
    size_t used = strlen(text);
    if (bytes != NULL && bytes != (const char *)-1 && used + strlen(bytes) < size)
        snprintf(text + used, size - used, "%s", bytes);
}

static void arm_restore(struct screen *s)
{
    char text[RESTORE_MAX] = "";
    snprintf(text, sizeof text, "%s", s->mouse ? MOUSE_OFF : "");
    add_capability(text, sizeof text, "sgr0");
    add_capability(text, sizeof text, "cnorm");
    add_capability(text, sizeof text, "rmcup");
    restore_arm(s->tty, &s->before, text, strlen(text));
}

static void start_curses(struct screen *s)
{
    if (s->depth != DEPTH_MONO && has_colors()) {
        start_color();
        use_default_colors();
    } else {
        s->depth = DEPTH_MONO;
    }
    nonl();
    leaveok(stdscr, FALSE);
    typeahead(-1);
    s->cursor_shown = -1;
    s->spare_corner = exit_am_mode == NULL;
    squeeze_init(&s->squeeze, tigetflag("AX") > 0);
}

struct screen *screen_open(int fd, const struct caps *caps, const struct theme *theme,
                           bool mouse)
{
    struct screen *s = xcalloc(1, sizeof *s);
    s->tty = fd;
    strbuf_init(&s->bytes_out, FRAME_MAX);
    s->depth = caps->depth;
    s->console = caps->console;
    s->direct = caps->direct;
    s->theme = theme;
    s->mouse = mouse;
    s->frame = memfd_create("frame", MFD_CLOEXEC);
    s->out_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    s->out = s->out_fd >= 0 ? fdopen(s->out_fd, "w") : NULL;
    s->in = fdopen(fcntl(fd, F_DUPFD_CLOEXEC, 3), "r");
    if (s->frame < 0 || s->out == NULL || s->in == NULL ||
        tcgetattr(fd, &s->before) != 0 ||
        (s->curses = newterm(caps->term, s->out, s->in)) == NULL) {
        screen_close(s);
        return NULL;
    }
    set_raw(s);
    arm_restore(s);
    start_curses(s);
    if (mouse)
        write_all(s, MOUSE_ON, strlen(MOUSE_ON));
    int width, height;
    screen_size(s, &width, &height);
    screen_resize(s, width, height);
    return s;
}

bool screen_leave(struct screen *s)
{
    if (s->left)
        return false;
    s->left = true;
    begin_frame(s);
    if (s->mouse) {
        ssize_t n = write(s->frame, MOUSE_OFF, strlen(MOUSE_OFF));
        (void)n;
    }
    curs_set(1);
    s->cursor_shown = 1;
    endwin();
    end_frame(s);
    return s->ask && s->error == 0;
}

void screen_give_back(struct screen *s, bool flush)
{
    if (s->given_back)
        return;
    s->given_back = true;
    tcsetattr(s->tty, flush ? TCSAFLUSH : TCSADRAIN, &s->before);
    restore_disarm();
}

void screen_return(struct screen *s)
{
    s->left = s->given_back = false;
    set_raw(s);
    arm_restore(s);
    s->cursor_shown = -1;
    if (s->mouse)
        write_all(s, MOUSE_ON, strlen(MOUSE_ON));
    screen_redraw(s);
}

void screen_close(struct screen *s)
{
    if (s == NULL)
        return;
    if (s->curses != NULL) {
        screen_leave(s);
        screen_give_back(s, false);
        delscreen(s->curses);
    }
    if (s->out != NULL)
        fclose(s->out);
    if (s->in != NULL)
        fclose(s->in);
    if (s->frame >= 0)
        close(s->frame);
    strbuf_release(&s->bytes_out);
    free(s->shown);
    free(s);
}

bool screen_size(const struct screen *s, int *ret_width, int *ret_height)
{
    struct winsize size = {0};
    bool ok =
        ioctl(s->tty, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
    *ret_width = ok ? MIN_OF(size.ws_col, CANVAS_MAX_WIDTH) : 80;
    *ret_height = ok ? MIN_OF(size.ws_row, CANVAS_MAX_HEIGHT) : 24;
    return ok;
}

void screen_resize(struct screen *s, int width, int height)
{
    s->width = width;
    s->height = height;
    resizeterm(height, width);
    erase(); /* every cell is put anew */
    free(s->shown);
    s->shown = xcalloc((size_t)width * (size_t)height, sizeof *s->shown);
    screen_redraw(s);
}

void screen_redraw(struct screen *s)
{
    memset(s->shown, 0xFF, (size_t)s->width * (size_t)s->height * sizeof *s->shown);
    squeeze_forget(&s->squeeze);
    clearok(curscr, TRUE);
}

void screen_set_theme(struct screen *s, const struct theme *theme)
{
    s->theme = theme;
    s->pair_count = 0;
    true_colour_clear(&s->true_colour);
    screen_redraw(s);
}

void screen_ask(struct screen *s, bool on)
{
    s->ask = on;
}

void screen_synchronize(struct screen *s)
{
    s->synchronize = true;
}

static void place_cursor(struct screen *s, const struct canvas *canvas)
{
    int x, y;
    bool visible;
    canvas_cursor(canvas, &x, &y, &visible);
    if ((int)visible != s->cursor_shown) {
        s->cursor_shown = visible;
        curs_set(visible ? 1 : 0);
    }
    if (x >= 0 && x < s->width && y < s->height)
        move(y, x);
}

void screen_ring(struct screen *s)
{
    s->ring = true;
}

/* What the two have in common; what lies outside of either is not looked at. */
static struct rect shared_area(const struct screen *s, const struct canvas *canvas)
{
    return (struct rect){.w = MIN_OF(s->width, canvas_width(canvas)),
                         .h = MIN_OF(s->height, canvas_height(canvas))};
}

static bool has_changed(const struct screen *s, const struct canvas *canvas, int x,
                        int y)
{
    return memcmp(canvas_cell(canvas, x, y), &s->shown[y * s->width + x],
                  sizeof *s->shown) != 0;
}

/* Has two columns, or had. ncurses blanks the half that is left of such a character. */
static bool is_wide(const struct screen *s, const struct canvas *canvas, int x, int y)
{
    for (int i = x; i < MIN_OF(x + 2, shared_area(s, canvas).w); i++) {
        if (canvas_cell(canvas, i, y)->text[0] == '\0' ||
            s->shown[y * s->width + i].text[0] == '\0')
            return true;
    }
    return false;
}

static void put(struct screen *s, const struct canvas *canvas, int x, int y)
{
    const struct cell *cell = canvas_cell(canvas, x, y);
    put_cell(s, x, y, cell);
    s->shown[y * s->width + x] = *cell;
}

static void put_changed(struct screen *s, const struct canvas *canvas)
{
    struct rect area = shared_area(s, canvas);
    for (int y = 0; y < area.h; y++) {
        for (int x = 0; x < area.w; x++) {
            if (has_changed(s, canvas, x, y))
                put(s, canvas, x, y);
        }
    }
}

/*
 * Lists the changed cells. 0 when there is none, and when it is better to draw from
 * top to bottom: many have changed, or wide ones, which depend on their neighbours.
 */
static int list_changes(struct screen *s, const struct canvas *canvas)
{
    struct rect area = shared_area(s, canvas);
    int count = 0;
    for (int y = 0; y < area.h; y++) {
        for (int x = 0; x < area.w; x++) {
            if (!has_changed(s, canvas, x, y))
                continue;
            if (count == CHANGES_MAX || is_wide(s, canvas, x, y))
                return 0;
            const struct cell *cell = canvas_cell(canvas, x, y);
            s->changes[count++] = (struct change){
                x, y,
                theme_style(s->theme, (enum role)cell->role, s->depth, cell->marked)};
        }
    }
    return count;
}

static bool same_look(const struct change *a, const struct change *b)
{
    return a->look.fg == b->look.fg && a->look.bg == b->look.bg &&
           a->look.attrs == b->look.attrs;
}

/* Those that look as the first one does; returns how many others are left, in order. */
static int put_look(struct screen *s, const struct canvas *canvas, int count)
{
    const struct change first = s->changes[0];
    int left = 0;
    for (int i = 0; i < count; i++) {
        if (same_look(&first, &s->changes[i]))
            put(s, canvas, s->changes[i].x, s->changes[i].y);
        else
            s->changes[left++] = s->changes[i];
    }
    return left;
}

/*
 * Few cells change in most frames, and to say a look is longer than to go to
 * another row: so all of one look are drawn before those of the next. A frame is
 * one write; its order is not seen.
 */
static void put_by_look(struct screen *s, const struct canvas *canvas)
{
    int count = list_changes(s, canvas);
    leaveok(stdscr, TRUE);
    for (int i = 0; count > 0 && i < LOOKS_MAX; i++) {
        count = put_look(s, canvas, count);
        wnoutrefresh(stdscr);
        doupdate();
    }
    leaveok(stdscr, FALSE);
}

int screen_present(struct screen *s, const struct canvas *canvas)
{
    begin_frame(s); /* curs_set writes at once, beep too */
    if (s->ring)
        beep();
    s->ring = false;
    put_by_look(s, canvas);
    put_changed(s, canvas);
    place_cursor(s, canvas);
    wnoutrefresh(stdscr);
    doupdate();
    end_frame(s);
    return s->error;
}

void screen_send(struct screen *s, const char *bytes, size_t len)
{
    write_all(s, bytes, len);
}

uint64_t screen_bytes(const struct screen *s)
{
    return s->bytes;
}

uint64_t screen_frames(const struct screen *s)
{
    return s->frames;
}
