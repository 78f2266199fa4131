/*
 * A script is a text file of one verb a line (tests/golden/README says more):
 *   frame JSON       the server says this
 *   frames FILE      the server says each line of a file beside the script
 *   key NAME ...     keys by name;  type TEXT: the characters of a text
 *   wait SECONDS     time passes;  open, close REASON: the link
 *   size WxH         the terminal's size;  ascii: no UTF-8 from here on
 *   dots KIND        what pictures are made of: braille, blocks or ascii
 *   record FILE      from here on keep frames;  record: end of it
 *   replay FILE      a recording in the place of frames;  play SECONDS: it goes on
 *   screen           print the screen;  roles: print what each cell means
 *   colours          print how the roles of this screen look, by colour depth
 */
#include "script.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "app/record.h"
#include "app/replay_link.h"
#include "base/alloc.h"
#include "base/strbuf.h"
#include "dashboard.h"
#include "set_up.h"
#include "ui/text.h"
#include "wire/wire_decode.h"

enum { START_MONO_MS = 1000000, LINE_LIMIT = 1 << 20, SCREEN_MAX = 1 << 20 };
#define START_WALL_MS INT64_C(1767268800000) /* 2026-01-01T12:00:00Z */

struct script {
    struct app app;
    struct dashboard *dashboard;
    struct canvas *canvas;
    const struct theme *theme;
    int64_t passed_ms;
    const char *path;
    int line;
    struct replay_link *replay; /* NULL = none */
    struct record *record;      /* NULL = none */
    bool done;                  /* quit was asked for */
};

static void nothing(void *data)
{
    (void)data;
}

static void quit(void *data)
{
    struct script *s = data;
    s->done = true;
}

static void swallow(void *data, const char *text, size_t len)
{
    (void)data;
    (void)text;
    (void)len;
}

static void show_copied(void *data, const char *text, size_t len)
{
    (void)data;
    printf("== copied\n%.*s\n", (int)len, text);
}

static void set_time(struct script *s)
{
    if (s->replay != NULL) {
        app_set_time(&s->app, replay_link_now_ms(s->replay), s->app.server_time_ms);
        return;
    }
    app_set_time(&s->app, START_MONO_MS + s->passed_ms, START_WALL_MS + s->passed_ms);
}

static void do_replay_verb(void *data, enum replay_verb verb, int64_t amount)
{
    struct script *s = data;
    if (s->replay != NULL)
        replay_link_do(s->replay, verb, amount);
}

/* ---- verbs -------------------------------------------------------------------- */

static int do_frame(struct script *s, const char *json)
{
    struct wire_message m;
    struct strbuf error;
    strbuf_init(&error, 256);
    set_time(s);
    if (s->record != NULL)
        record_add(s->record, s->app.mono_ms, json, strcspn(json, "\n"));
    int rc = wire_decode(json, strlen(json), &m, &error);
    if (rc == 0) {
        app_apply(&s->app, &m, strlen(json));
        wire_message_release(&m);
    } else {
        fprintf(stderr, "%s:%d: %s\n", s->path, s->line, strbuf_text(&error));
    }
    strbuf_release(&error);
    return rc;
}

static int do_frames(struct script *s, const char *name)
{
    const char *slash = strrchr(s->path, '/');
    char path[1024];
    snprintf(path, sizeof path, "%.*s%s",
             slash != NULL ? (int)(slash - s->path + 1) : 0, s->path, name);
    FILE *f = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    int rc = f != NULL ? 0 : -errno;
    while (rc == 0 && getline(&line, &room, f) > 0)
        rc = do_frame(s, line);
    free(line);
    if (f != NULL)
        fclose(f);
    return rc;
}

static int do_keys(struct script *s, const char *names)
{
    while (*names != '\0') {
        size_t n = strcspn(names, " ");
        struct key key;
        if (n > 0 && !key_by_name(names, n, &key))
            return -EINVAL;
        set_time(s);
        if (n > 0)
            dashboard_key(s->dashboard, key);
        names += n + (names[n] == ' ' ? 1 : 0);
    }
    return 0;
}

static int do_type(struct script *s, const char *text)
{
    size_t n = strlen(text);
    set_time(s);
    for (size_t i = 0; i < n;) {
        struct key key = {0};
        i += text_decode(text + i, n - i, &key.code);
        dashboard_key(s->dashboard, key);
    }
    return 0;
}

static int do_wait(struct script *s, const char *seconds)
{
    s->passed_ms += (int64_t)(strtod(seconds, NULL) * 1000);
    set_time(s);
    dashboard_second(s->dashboard);
    return 0;
}

static int do_record(struct script *s, const char *path)
{
    record_close(s->record);
    s->record = path[0] != '\0' ? record_open(path) : NULL;
    return path[0] == '\0' || s->record != NULL ? 0 : -errno;
}

static int do_replay(struct script *s, const char *path)
{
    const struct replay_config config = {
        .path = path, .speed = 1, .on_frame = nothing, .data = NULL};
    replay_link_free(s->replay);
    s->replay = replay_link_new(NULL, &s->app, &config);
    return s->replay != NULL ? 0 : -errno;
}

static int do_play(struct script *s, const char *seconds)
{
    if (s->replay == NULL)
        return -EINVAL;
    replay_link_skip(s->replay, (int64_t)(strtod(seconds, NULL) * 1000));
    return 0;
}

/* "80x24" */
static bool parse_size(const char *text, int *ret_width, int *ret_height)
{
    char *end;
    long w = strtol(text, &end, 10);
    if (end == text || *end != 'x')
        return false;
    const char *second = end + 1;
    long h = strtol(second, &end, 10);
    if (end == second || *end != '\0' || w < 1 || w > CANVAS_MAX_WIDTH || h < 1 ||
        h > CANVAS_MAX_HEIGHT)
        return false;
    *ret_width = (int)w;
    *ret_height = (int)h;
    return true;
}

static int do_size(struct script *s, const char *size)
{
    int w, h;
    if (!parse_size(size, &w, &h))
        return -EINVAL;
    canvas_resize(s->canvas, w, h);
    return 0;
}

static int do_open(struct script *s, const char *ignored)
{
    (void)ignored;
    set_time(s);
    app_link_opened(&s->app, swallow, NULL);
    return 0;
}

static int do_close(struct script *s, const char *why)
{
    set_time(s);
    app_link_closed(&s->app, why, s->app.mono_ms + 3000);
    return 0;
}

static int do_ascii(struct script *s, const char *ignored)
{
    int w = canvas_width(s->canvas);
    int h = canvas_height(s->canvas);
    (void)ignored;
    canvas_free(s->canvas);
    s->canvas = canvas_new(w, h, true);
    return 0;
}

static int do_screen(struct script *s, const char *title)
{
    struct strbuf out;
    strbuf_init(&out, SCREEN_MAX);
    set_time(s);
    dashboard_draw(s->dashboard, s->canvas);
    canvas_to_text(s->canvas, &out);
    printf("== %dx%d %s\n%s", canvas_width(s->canvas), canvas_height(s->canvas), title,
           strbuf_text(&out));
    strbuf_release(&out);
    return 0;
}

static int do_dots(struct script *s, const char *kind)
{
    static const char *const kinds[] = {"braille", "blocks", "ascii"};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (strcmp(kinds[i], kind) == 0) {
            canvas_set_dots(s->canvas, (enum canvas_dots)i);
            return 0;
        }
    }
    return -EINVAL;
}

/* '.' for plain text, then letters, then digits. */
static int role_letter(int role)
{
    return role == ROLE_TEXT ? '.' : role < 26 ? 'a' + role : '0' + role - 26;
}

/* One letter a role; upper case where it is marked. */
static int do_roles(struct script *s, const char *title)
{
    set_time(s);
    dashboard_draw(s->dashboard, s->canvas);
    printf("== %dx%d roles %s\n", canvas_width(s->canvas), canvas_height(s->canvas),
           title);
    for (int y = 0; y < canvas_height(s->canvas); y++) {
        for (int x = 0; x < canvas_width(s->canvas); x++) {
            const struct cell *cell = canvas_cell(s->canvas, x, y);
            int letter = role_letter(cell->role);
            putchar(cell->marked ? letter == '.' ? '#' : toupper(letter) : letter);
        }
        putchar('\n');
    }
    return 0;
}

static void add_colour(struct strbuf *out, int colour)
{
    if (colour >= COLOUR_RGB)
        strbuf_addf(out, "#%06x", colour_rgb(colour));
    else if (colour >= 0)
        strbuf_addf(out, "%d", colour);
    else
        strbuf_add_char(out, '-');
}

/* "81/- bold" */
static void print_style(struct theme_style style, int width)
{
    static const char *const words[] = {"bold", "dim", "underline", "reverse"};
    struct strbuf text;
    strbuf_init(&text, 128);
    add_colour(&text, style.fg);
    strbuf_add_char(&text, '/');
    add_colour(&text, style.bg);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (style.attrs >> i & 1U)
            strbuf_addf(&text, " %s", words[i]);
    }
    printf("  %-*s", width, strbuf_text(&text));
    strbuf_release(&text);
}

static void print_role(const struct theme *theme, enum role role, bool marked)
{
    static const struct {
        enum colour_depth depth;
        int width;
    } columns[] = {{DEPTH_TRUE, 22},
                   {DEPTH_256, 14},
                   {DEPTH_16, 13},
                   {DEPTH_8, 13},
                   {DEPTH_MONO, 0}};
    printf("%c %-10s %s", role_letter((int)role), role_name(role),
           marked ? "marked" : "      ");
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        print_style(theme_style(theme, role, columns[i].depth, marked),
                    columns[i].width);
    putchar('\n');
}

/* Of each role on the screen: true colour, 256, 16, 8, none. */
static int do_colours(struct script *s, const char *title)
{
    bool seen[2][ROLE_COUNT] = {{false}};
    set_time(s);
    dashboard_draw(s->dashboard, s->canvas);
    printf("== colours %s\n", title);
    int cells = canvas_width(s->canvas) * canvas_height(s->canvas);
    for (int i = 0; i < cells; i++) {
        const struct cell *cell = canvas_cell(s->canvas, i % canvas_width(s->canvas),
                                              i / canvas_width(s->canvas));
        seen[cell->marked][cell->role] = true;
    }
    for (int i = 0; i < 2 * ROLE_COUNT; i++) {
        if (seen[i % 2][i / 2])
            print_role(s->theme, (enum role)(i / 2), i % 2 == 1);
    }
    return 0;
}

static const struct {
    const char *verb;
    int (*run)(struct script *s, const char *argument);
} verbs[] = {
    {"frame", do_frame},     {"frames", do_frames}, {"key", do_keys},
    {"type", do_type},       {"wait", do_wait},     {"size", do_size},
    {"open", do_open},       {"close", do_close},   {"ascii", do_ascii},
    {"screen", do_screen},   {"roles", do_roles},   {"record", do_record},
    {"replay", do_replay},   {"play", do_play},     {"dots", do_dots},
    {"colours", do_colours},
};

static int do_line(struct script *s, char *line)
{
    line[strcspn(line, "\n")] = '\0';
    size_t n = strcspn(line, " ");
    const char *argument = line + n + (line[n] == ' ' ? 1 : 0);
    if (line[0] == '#' || line[0] == '\0')
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        if (strlen(verbs[i].verb) == n && memcmp(verbs[i].verb, line, n) == 0)
            return verbs[i].run(s, argument);
    }
    return -EINVAL;
}

static int run_file(struct script *s)
{
    FILE *f = fopen(s->path, "re");
    char *line = NULL;
    size_t room = 0;
    int rc = 0;
    if (f == NULL) {
        fprintf(stderr, "flightdash: %s: %s\n", s->path, strerror(errno));
        return EXIT_FAILURE;
    }
    while (rc == 0 && !s->done && getline(&line, &room, f) > 0) {
        s->line++;
        rc = do_line(s, line);
    }
    if (rc != 0)
        fprintf(stderr, "flightdash: %s:%d: %s\n", s->path, s->line, strerror(-rc));
    free(line);
    fclose(f);
    return rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int script_run(struct settings *settings)
{
    struct script s = {.path = settings_text(settings, SETTING_SCRIPT)};
    const struct dashboard_verbs dashboard_verbs = {
        &s, quit, nothing, nothing, nothing, nothing, show_copied, do_replay_verb};
    int w = 80;
    int h = 24;
    if (!parse_size(settings_text(settings, SETTING_SIZE), &w, &h)) {
        fprintf(stderr, "flightdash: size: WxH, such as 80x24\n");
        return 2;
    }
    app_init(&s.app);
    settings_apply(settings, &s.app);
    snprintf(s.app.link.url, sizeof s.app.link.url, "%s", settings->url);
    set_time(&s);
    s.theme = &settings->theme;
    s.canvas = canvas_new(w, h, settings_flag(settings, SETTING_ASCII));
    canvas_set_dots(s.canvas, settings_dots(settings, ""));
    s.dashboard =
        dashboard_new(&s.app, &settings->keymap, &settings->theme, &dashboard_verbs);
    dashboard_set_up(s.dashboard, settings);
    int status = run_file(&s);
    replay_link_free(s.replay);
    record_close(s.record);
    dashboard_free(s.dashboard);
    canvas_free(s.canvas);
    app_release(&s.app);
    return status;
}
