/*
 * The screen, top to bottom: one line that says where we are and how fresh the
 * data is, a banner only while the link is down, the view, the line for what is
 * typed or told, the line of keys.
 */
#include "dashboard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app_events.h"
#include "base/alloc.h"
#include "command.h"
#include "dashboard_command.h"
#include "dashboard_jump.h"
#include "dashboard_keep.h"
#include "dashboard_state.h"
#include "views/help.h"
#include "views/views.h"
#include "widgets/status_bar.h"

enum { SKIP_MS = 10000, MINUTE_MS = 60000 };
enum { HINTS_MAX = 8 };

struct dashboard *dashboard_new(struct app *app, const struct keymap *keymap,
                                struct theme *theme,
                                const struct dashboard_verbs *verbs)
{
    struct dashboard *d = xcalloc(1, sizeof *d);
    d->app = app;
    rewind_init(&d->rewind, app);
    d->keymap = keymap;
    d->theme = theme;
    d->verbs = *verbs;
    strbuf_init(&d->page, DASHBOARD_PAGE_MAX);
    theme_picker_init(&d->picker, theme, theme->name, NULL);
    d->states = xcalloc(view_count(), sizeof *d->states);
    for (size_t i = 0; i < view_count(); i++)
        d->states[i] = xcalloc(1, view_at(i)->state_size + 1);
    return d;
}

void dashboard_free(struct dashboard *d)
{
    if (d == NULL)
        return;
    for (size_t i = 0; i < view_count(); i++) {
        if (view_at(i)->release != NULL)
            view_at(i)->release(d->states[i]);
        free(d->states[i]);
    }
    free(d->states);
    canvas_free(d->frozen);
    strbuf_release(&d->page);
    rewind_release(&d->rewind);
    free(d);
}

void dashboard_set_looks(struct dashboard *d, const char *theme, const char *folder,
                         const char *fixed_options)
{
    theme_picker_init(&d->picker, d->theme, theme, folder);
    snprintf(d->fixed, sizeof d->fixed, "%s", fixed_options);
}

void dashboard_notice(struct dashboard *d, const char *text)
{
    app_notice(d->app, "%s", text);
}

void dashboard_show(struct dashboard *d, size_t view)
{
    dashboard_enter(d, view);
}

bool dashboard_is_paused(const struct dashboard *d)
{
    return d->paused;
}

/* Whose keys work: the view's, or those of what lies over it. */
static enum context context_of(const struct dashboard *d)
{
    const struct view_class *view = view_at(d->current);
    return view->context_now != NULL ? view->context_now(d->states[d->current])
                                     : view->context;
}

/* ---- the typed line ------------------------------------------------------------ */

static void start_line(struct dashboard *d)
{
    const struct view_class *view = view_at(d->current);
    if (view->line_take == NULL)
        return;
    const char *text = view->line_text(d->states[d->current], d->app);
    snprintf(d->before, sizeof d->before, "%s", text);
    line_input_set(&d->line, text);
    d->error[0] = '\0';
    d->mode = MODE_LINE;
}

/* Offers the text to the view; the error line says what it thinks. */
static bool offer_line(struct dashboard *d, const char *text, bool done)
{
    struct strbuf error;
    strbuf_init(&error, sizeof d->error);
    bool ok = view_at(d->current)
                  ->line_take(d->states[d->current], d->app, text, done, &error);
    snprintf(d->error, sizeof d->error, "%s", ok ? "" : strbuf_text(&error));
    strbuf_release(&error);
    return ok;
}

static void complete_line(struct dashboard *d)
{
    const struct view_class *view = view_at(d->current);
    struct strbuf text;
    strbuf_init(&text, LINE_INPUT_MAX);
    if (view->line_complete != NULL && view->line_complete(d->line.text, &text)) {
        line_input_set(&d->line, strbuf_text(&text));
        offer_line(d, d->line.text, false);
    }
    strbuf_release(&text);
}

static void line_key(struct dashboard *d, struct key key)
{
    switch (line_input_key(&d->line, key)) {
    case LINE_CHANGED: offer_line(d, d->line.text, false); break;
    case LINE_DONE:
        if (offer_line(d, d->line.text, true))
            d->mode = MODE_VIEW;
        break;
    case LINE_CANCELLED:
        offer_line(d, d->before, false);
        d->error[0] = '\0';
        d->mode = MODE_VIEW;
        break;
    case LINE_COMPLETE: complete_line(d); break;
    case LINE_NOTHING: break;
    }
}

/* ---- actions -------------------------------------------------------------------- */

static void open_themes(struct dashboard *d)
{
    theme_picker_open(&d->picker);
    d->mode = MODE_THEME;
}

static void check_theme(struct dashboard *d)
{
    struct strbuf error;
    strbuf_init(&error, 512);
    int rc = theme_picker_check(&d->picker, &error);
    if (rc > 0)
        app_notice(d->app, "theme %s read again", d->picker.name);
    else if (rc < 0)
        app_notice(d->app, "%s", strbuf_text(&error));
    if (rc > 0)
        d->verbs.theme_changed(d->verbs.data);
    strbuf_release(&error);
}

void dashboard_second(struct dashboard *d)
{
    check_theme(d);
    rewind_second(&d->rewind);
}

/* The screen as it is now, on a canvas of its own: for `y` and `w`. */
static struct canvas *draw_apart(struct dashboard *d)
{
    enum dashboard_mode mode = d->mode;
    struct canvas *canvas =
        canvas_new(MAX_OF(d->width, 1), MAX_OF(d->height, 1), d->ascii);
    d->mode = MODE_VIEW;
    d->app->notice[0] = '\0';
    dashboard_draw(d, canvas);
    d->mode = mode;
    return canvas;
}

static void copy_row(struct dashboard *d)
{
    struct canvas *drawn = draw_apart(d);
    dashboard_copy_row(d, drawn);
    canvas_free(drawn);
}

static void write_file(struct dashboard *d, bool overwrite)
{
    struct canvas *drawn = draw_apart(d);
    dashboard_write(d, drawn, overwrite);
    canvas_free(drawn);
}

static void next_units(struct dashboard *d)
{
    d->app->units = unit_system_next(d->app->units);
    app_notice(d->app, "units: %s", unit_system_name(d->app->units));
}

static void toggle_pause(struct dashboard *d)
{
    if (d->app->replaying) { /* then nothing arrives either */
        d->verbs.replay(d->verbs.data, REPLAY_PAUSE, 0);
        return;
    }
    d->paused = !d->paused;
    canvas_free(d->frozen);
    d->frozen = NULL;
}

/* While paused the view's area shows what it showed when the pause began. */
static void draw_frozen(struct dashboard *d, struct canvas *canvas)
{
    int w = canvas_width(canvas);
    int h = canvas_height(canvas);
    const struct view_class *view = view_at(d->current);
    if (d->frozen == NULL || canvas_width(d->frozen) != w ||
        canvas_height(d->frozen) != h) {
        canvas_free(d->frozen);
        d->frozen = canvas_new(w, h, canvas_is_ascii(canvas));
        canvas_set_dots(d->frozen, canvas_dots(canvas));
        view->draw(d->states[d->current], d->app, d->frozen, d->area);
    }
    canvas_copy(canvas, d->frozen, d->area);
}

static void go_live(struct dashboard *d)
{
    d->app = d->rewind.live;
    rewind_leave(&d->rewind);
    dashboard_choose_app(d);
}

static bool act_in_time(struct dashboard *d, enum action action)
{
    switch (action) {
    case ACTION_PAST: dashboard_go(d, -SKIP_MS); break;
    case ACTION_FUTURE: dashboard_go(d, SKIP_MS); break;
    case ACTION_PAST_MINUTE: dashboard_go(d, -MINUTE_MS); break;
    case ACTION_FUTURE_MINUTE: dashboard_go(d, MINUTE_MS); break;
    case ACTION_LIVE: go_live(d); break;
    case ACTION_STEP:
        if (d->app->replaying)
            d->verbs.replay(d->verbs.data, REPLAY_STEP, 0);
        break;
    default: return false;
    }
    return true;
}

static void show_on_map(struct dashboard *d)
{
    size_t map = view_by_name("map");
    if (d->app->selected == 0) {
        app_notice(d->app, "select an aircraft first");
        return;
    }
    dashboard_show(d, map);
    view_at(map)->act(d->states[map], d->app, ACTION_CENTRE);
    app_want_trail(d->app, d->app->selected);
}

static bool act_globally(struct dashboard *d, enum action action)
{
    size_t count = view_count();
    switch (action) {
    case ACTION_QUIT: d->verbs.quit(d->verbs.data); break;
    case ACTION_HELP:
        d->help = true;
        d->help_top = 0;
        break;
    case ACTION_BACK: d->app->notice[0] = '\0'; break;
    case ACTION_NEXT_VIEW: dashboard_show(d, (d->current + 1) % count); break;
    case ACTION_PREV_VIEW: dashboard_show(d, (d->current + count - 1) % count); break;
    case ACTION_COMMAND:
        line_input_set(&d->command, "");
        d->error[0] = '\0';
        d->mode = MODE_COMMAND;
        break;
    case ACTION_FILTER: start_line(d); break;
    case ACTION_PAUSE: toggle_pause(d); break;
    case ACTION_THEME: open_themes(d); break;
    case ACTION_COPY: copy_row(d); break;
    case ACTION_WRITE: dashboard_ask_file(d); break;
    case ACTION_UNITS: next_units(d); break;
    case ACTION_RECONNECT: d->verbs.reconnect(d->verbs.data); break;
    case ACTION_REDRAW: d->verbs.redraw(d->verbs.data); break;
    case ACTION_SHOW_ON_MAP: show_on_map(d); break;
    case ACTION_SUSPEND: d->verbs.suspend(d->verbs.data); break;
    default: return act_in_time(d, action);
    }
    return true;
}

static void act(struct dashboard *d, enum action action)
{
    const struct view_class *view = view_at(d->current);
    if (action == ACTION_NONE)
        return;
    if (d->paused && action != ACTION_PAUSE && action != ACTION_HELP)
        toggle_pause(d); /* what is done is to be seen */
    bool done =
        action != ACTION_FILTER && view->act(d->states[d->current], d->app, action);
    if (action == ACTION_BACK && dashboard_jump_back(d, done))
        return;
    if (!done)
        act_globally(d, action);
    dashboard_jump(d);
}

/* Keys while help lies over the view: scrolling, and everything else closes it. */
static void help_key(struct dashboard *d, enum action action)
{
    switch (action) {
    case ACTION_UP: d->help_top--; break;
    case ACTION_DOWN: d->help_top++; break;
    case ACTION_PAGE_UP: d->help_top -= d->help_page; break;
    case ACTION_PAGE_DOWN: d->help_top += d->help_page; break;
    case ACTION_HOME: d->help_top = 0; break;
    case ACTION_END: d->help_top = 100000; break;
    case ACTION_QUIT: d->verbs.quit(d->verbs.data); break;
    default: d->help = false; break;
    }
}

/* ---- commands ------------------------------------------------------------------- */

static void run_command(struct dashboard *d, const char *text)
{
    struct command c;
    struct strbuf error;
    strbuf_init(&error, sizeof d->error);
    d->mode = MODE_VIEW;
    if (!command_parse(text, &c, &error))
        app_notice(d->app, "%s", strbuf_text(&error));
    else if (c.kind == COMMAND_VIEW)
        dashboard_show(d, c.view);
    else if (c.kind == COMMAND_ACTION)
        act(d, c.action);
    else if (c.kind != COMMAND_NONE)
        dashboard_run(d, &c);
    dashboard_jump(d);
    if (d->mode == MODE_FILE && c.kind == COMMAND_WRITE)
        write_file(d, false);
    strbuf_release(&error);
}

static void command_key(struct dashboard *d, struct key key)
{
    struct strbuf text;
    switch (line_input_key(&d->command, key)) {
    case LINE_DONE: run_command(d, d->command.text); break;
    case LINE_CANCELLED: d->mode = MODE_VIEW; break;
    case LINE_COMPLETE:
        strbuf_init(&text, LINE_INPUT_MAX);
        command_complete(d->command.text, &text);
        if (!text.overflowed)
            line_input_set(&d->command, strbuf_text(&text));
        strbuf_release(&text);
        break;
    case LINE_CHANGED:
    case LINE_NOTHING: break;
    }
}

static void file_key(struct dashboard *d, struct key key)
{
    switch (line_input_key(&d->file, key)) {
    case LINE_DONE: write_file(d, false); break;
    case LINE_CANCELLED: d->mode = MODE_VIEW; break;
    case LINE_CHANGED: d->error[0] = '\0'; break;
    case LINE_COMPLETE:
    case LINE_NOTHING: break;
    }
}

static void overwrite_key(struct dashboard *d, struct key key)
{
    if (key.code == 'y' || key.code == 'Y')
        write_file(d, true);
    else
        d->mode = MODE_FILE;
}

static void theme_key(struct dashboard *d, struct key key)
{
    enum theme_picker_event event = theme_picker_key(&d->picker, key);
    if (event == PICKER_CHANGED || event == PICKER_BACK)
        d->verbs.theme_changed(d->verbs.data);
    if (event == PICKER_DONE || event == PICKER_BACK)
        d->mode = MODE_VIEW;
}

static void page_key(struct dashboard *d, struct key key)
{
    d->mode = MODE_VIEW;
    if (key.code != 'y')
        return;
    app_notice(d->app, "copied");
    d->verbs.copy(d->verbs.data, strbuf_text(&d->page), d->page.len);
}

/* Keys of what lies over the view; false when the view has them. */
static bool mode_key(struct dashboard *d, struct key key)
{
    switch (d->mode) {
    case MODE_VIEW: return false;
    case MODE_LINE: line_key(d, key); break;
    case MODE_COMMAND: command_key(d, key); break;
    case MODE_FILE: file_key(d, key); break;
    case MODE_OVERWRITE: overwrite_key(d, key); break;
    case MODE_THEME: theme_key(d, key); break;
    case MODE_PAGE: page_key(d, key); break;
    }
    return true;
}

/* ---- keys ----------------------------------------------------------------------- */

static void mouse_key(struct dashboard *d, struct key key)
{
    const struct view_class *view = view_at(d->current);
    struct rect a = d->area;
    if (view->mouse != NULL && !d->help && key.y >= a.y && key.y < a.y + a.h) {
        key.x = (int16_t)(key.x - a.x);
        key.y = (int16_t)(key.y - a.y);
        if (d->paused)
            toggle_pause(d);
        view->mouse(d->states[d->current], d->app, key);
        return;
    }
    if (key.code == K_WHEEL_UP || key.code == K_WHEEL_DOWN) {
        enum action step = key.code == K_WHEEL_UP ? ACTION_UP : ACTION_DOWN;
        for (int i = 0; i < 3; i++)
            act(d, step);
    } else if (key.code == K_MOUSE_DOWN && key.button == 0 && view->click != NULL &&
               key.y >= a.y && key.y < a.y + a.h) {
        view->click(d->states[d->current], d->app, key.x - a.x, key.y - a.y);
        dashboard_jump(d);
    }
}

void dashboard_key(struct dashboard *d, struct key key)
{
    enum context context = context_of(d);
    d->app->changes++;
    if (key.code >= K_CURSOR_REPORT)
        return; /* nothing that somebody did */
    if (mode_key(d, key))
        return;
    if (key.code >= K_MOUSE_DOWN) {
        mouse_key(d, key);
        return;
    }
    enum action action = keymap_find(d->keymap, context, key);
    if (action == ACTION_NONE && (key.mods & K_ALT) != 0) {
        /* Esc and a key in one breath look like Alt and that key. */
        const struct key escape = {.code = K_ESC};
        key.mods &= (uint8_t)~K_ALT;
        dashboard_key(d, escape);
        dashboard_key(d, key);
        return;
    }
    if (d->help) {
        help_key(d, action);
        return;
    }
    size_t view =
        key.mods == 0 && key.code < 0x80 ? view_by_key((char)key.code) : view_count();
    if (action == ACTION_NONE && view < view_count())
        dashboard_show(d, view);
    else
        act(d, action);
}

/* ---- drawing -------------------------------------------------------------------- */

/* What the data is when it is not what is now; "" when it is. */
static void label_text(const struct dashboard *d, char *ret_text, size_t size)
{
    long long s = d->app->replay_at_ms / 1000;
    const char *word = d->paused                  ? "PAUSED"
                       : !d->rewind.active        ? ""
                       : d->app == d->rewind.live ? "LIVE"
                                                  : "REWIND";
    snprintf(ret_text, size, "%s", word);
    if (d->app->replaying) {
        snprintf(ret_text, size, "REPLAY %lld:%02lld%s", s / 60, s % 60,
                 d->app->replay_paused ? " PAUSED" : "");
    }
}

static void draw_rewind(const struct dashboard *d, struct canvas *canvas, int y)
{
    struct pen pen = pen_on(canvas, (struct rect){0, y, canvas_width(canvas), 1});
    static const enum action keys[] = {ACTION_PAST, ACTION_FUTURE, ACTION_PAST_MINUTE,
                                       ACTION_FUTURE_MINUTE, ACTION_LIVE};
    char names[ARRAY_LEN(keys)][KEY_NAME_SIZE];
    struct strbuf text;
    strbuf_init(&text, 512);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        keymap_key_name(d->keymap, keys[i], names[i]);
    rewind_banner(&d->rewind, d->app == d->rewind.live, &text);
    pen_text(&pen, ROLE_BANNER, strbuf_text(&text));
    pen_textf(&pen, ROLE_BANNER, " %s live  %s %s 10 s  %s %s 1 min", names[4],
              names[0], names[1], names[2], names[3]);
    pen_end_line(&pen, ROLE_BANNER);
    strbuf_release(&text);
}

static void draw_top(const struct dashboard *d, struct canvas *canvas)
{
    const struct app *app = d->app;
    struct status_tab tabs[16];
    size_t n = 0;
    char label[48];
    label_text(d, label, sizeof label);
    for (size_t i = 0; i < view_count() && n < ARRAY_LEN(tabs); i++) {
        const struct view_class *view = view_at(i);
        tabs[n++] = (struct status_tab){view->key, view->title, i == d->current};
    }
    const struct status_facts facts = {
        .tabs = tabs,
        .tab_count = n,
        .up = app->link.state == LINK_UP,
        .stale = app_is_stale(app),
        .label = label[0] != '\0' ? label : NULL,
        .age_ms = app->has_snapshot || flight_table_count(app->flights) > 0
                      ? app_data_age_ms(app)
                      : -1,
        .tick = app->link.tick,
        .flights = (long)flight_table_count(app->flights),
        .alerts = (long)(alert_list_open(&app->alerts) > app->list.emergencies
                             ? alert_list_open(&app->alerts)
                             : app->list.emergencies),
        .now_ms = app_server_now_ms(app),
        .coarse = app->viewer.slow,
    };
    status_bar_top(&facts, canvas);
}

static void draw_banner(const struct app *app, struct canvas *canvas, int y)
{
    bool down = app->link.state == LINK_DOWN;
    int64_t age_ms = down ? app->mono_ms - app->link.since_ms : app_data_age_ms(app);
    const struct status_trouble trouble = {
        .down = down,
        .source = app->link.stale_source,
        .why = app->link.problem,
        .since_ms = app_server_now_ms(app) - age_ms,
        .age_ms = age_ms,
        .next_try_ms =
            app->link.next_try_ms > 0 ? app->link.next_try_ms - app->mono_ms : -1,
        .data_age_ms = app->link.heard_ms > 0 ? app->mono_ms - app->link.heard_ms : -1,
    };
    status_bar_banner(&trouble, canvas, y);
}

static const struct line_input *typed_line(const struct dashboard *d)
{
    return d->mode == MODE_LINE   ? &d->line
           : d->mode == MODE_FILE ? &d->file
                                  : &d->command;
}

static const char *prompt_of(const struct dashboard *d)
{
    return d->mode == MODE_LINE
               ? view_at(d->current)->line_prompt(d->states[d->current])
           : d->mode == MODE_FILE ? "write to "
                                  : ":";
}

/* The line above the keys: what is typed, else an error, a notice, what is shown. */
static void draw_message(const struct dashboard *d, struct canvas *canvas, int y)
{
    const struct view_class *view = view_at(d->current);
    int w = canvas_width(canvas);
    struct pen pen = pen_on(canvas, (struct rect){1, y, w - 2, 1});
    char right[VIEW_NOTE_SIZE] = "";
    struct strbuf text;
    strbuf_init(&text, 1024);
    if (view->line_note != NULL)
        view->line_note(d->states[d->current], d->app, right);
    if (d->mode == MODE_LINE || d->mode == MODE_COMMAND || d->mode == MODE_FILE) {
        line_input_draw(typed_line(d), prompt_of(d), &pen, w - 4 - (int)strlen(right));
        if (d->error[0] != '\0')
            right[0] = '\0';
    } else if (d->mode == MODE_OVERWRITE) {
        pen_textf(&pen, ROLE_WARN, "%s is there already. Overwrite it? y/n",
                  d->file.text);
    } else if (d->mode == MODE_PAGE) {
        pen_text(&pen, ROLE_DIM, "y copies it, any other key closes");
    } else if (d->app->notice[0] != '\0') {
        pen_text(&pen, d->app->notice_is_alarm ? ROLE_EMERGENCY : ROLE_ACCENT,
                 d->app->notice);
    } else if (view->describe != NULL) {
        view->describe(d->states[d->current], d->app, &text);
        pen_text(&pen, ROLE_DIM, strbuf_text(&text));
    }
    pen_to(&pen, w - 2 - (int)strlen(right), 0);
    pen_text(&pen, ROLE_DIM, right);
    strbuf_release(&text);
}

/* What is wrong with the typed text stands under its column, in the last line. */
static void draw_error(const struct dashboard *d, struct canvas *canvas, int y)
{
    struct pen pen = pen_on(canvas, (struct rect){1, y, canvas_width(canvas) - 2, 1});
    const char *prompt = prompt_of(d);
    const char *text = d->error;
    const char *at = d->error + strlen("column ");
    if (strncmp(d->error, "column ", strlen("column ")) == 0 &&
        strchr(at, ':') != NULL) {
        int x = (int)strlen(prompt) + (int)strtol(at, NULL, 10) - 1;
        text = strchr(d->error, ':') + 2;
        int room = pen.area.w - (int)strlen(text) - 2;
        pen_to(&pen, MAX_OF(MIN_OF(x, room), 0), 0);
        pen_text(&pen, ROLE_FAIL, "↑ ");
    }
    pen_text(&pen, ROLE_FAIL, text);
}

/* While a command is typed: the words that may follow, or what the one does. */
static void draw_offers(const struct dashboard *d, struct canvas *canvas, int y)
{
    struct pen pen = pen_on(canvas, (struct rect){1, y, canvas_width(canvas) - 2, 1});
    struct strbuf words;
    const char *help;
    strbuf_init(&words, 4096);
    size_t n = command_offers(d->command.text, &words, &help);
    if (n == 0 && help == NULL)
        pen_text(&pen, ROLE_FAIL, "no such command");
    else
        pen_left(&pen, ROLE_DIM, pen.area.w, help != NULL ? help : strbuf_text(&words));
    strbuf_release(&words);
}

static void draw_page(const struct dashboard *d, struct canvas *canvas)
{
    struct rect area = d->area;
    struct pen pen = pen_on(canvas, (struct rect){1, area.y, area.w - 1, area.h});
    const char *text = strbuf_text(&d->page);
    for (int y = 0; *text != '\0'; y++) {
        char line[CANVAS_MAX_WIDTH + 1];
        size_t n = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)MIN_OF(n, sizeof line - 1), text);
        pen_to(&pen, 0, y);
        pen_text(&pen, ROLE_TEXT, line);
        text += n + (text[n] == '\n' ? 1 : 0);
    }
}

/* What has a hint in a context of its own, in the order of the table. */
static const enum action *hints_of(enum context context, enum action *ret_hints)
{
    size_t n = 0;
    for (int i = ACTION_NONE + 1; i < ACTION_COUNT && n < HINTS_MAX; i++) {
        const struct action_row *row = action_row((enum action)i);
        if (row->context == context && row->hint[0] != '\0')
            ret_hints[n++] = (enum action)i;
    }
    ret_hints[n] = ACTION_NONE;
    return ret_hints;
}

/* The line to the viewer, while it is slow: what it gets, and how late. */
static int draw_viewer(const struct viewer *v, struct canvas *canvas, int y)
{
    char text[48];
    if (!v->busy)
        return 0;
    int n = snprintf(text, sizeof text, "  line %lld B/s  %lld.%lld s late",
                     (long long)v->bytes_per_s, (long long)v->delay_ms / 1000,
                     (long long)v->delay_ms / 100 % 10);
    struct pen pen =
        pen_on(canvas, (struct rect){canvas_width(canvas) - 1 - n, y, n, 1});
    pen_text(&pen, v->slow ? ROLE_WARN : ROLE_DIM, text);
    return n;
}

static void draw_bottom(const struct dashboard *d, struct canvas *canvas, int y)
{
    static const enum action everywhere[] = {ACTION_HELP, ACTION_QUIT, ACTION_NONE};
    int room = canvas_width(canvas) - 2 - draw_viewer(&d->app->viewer, canvas, y);
    struct pen pen = pen_on(canvas, (struct rect){1, y, room, 1});
    enum action over[HINTS_MAX + 1];
    const enum action *first = view_at(d->current)->hints;
    if (context_of(d) != view_at(d->current)->context)
        first = hints_of(context_of(d), over);
    const enum action *lists[] = {first, everywhere};
    for (size_t list = 0; list < ARRAY_LEN(lists); list++) {
        for (const enum action *a = lists[list]; *a != ACTION_NONE; a++) {
            char key[KEY_NAME_SIZE];
            keymap_key_name(d->keymap, *a, key);
            const char *hint = action_row(*a)->hint;
            if (pen.x + (int)(strlen(key) + strlen(hint)) + 1 > pen.area.w)
                return;
            pen_text(&pen, ROLE_ACCENT, key);
            pen_textf(&pen, ROLE_DIM, " %s  ", hint);
        }
    }
}

static void draw_help(struct dashboard *d, struct canvas *canvas)
{
    struct help_line commands[DASHBOARD_COMMANDS_MAX + 1] = {{NULL, NULL, NULL}};
    for (size_t i = 0; i < DASHBOARD_COMMANDS_MAX; i++) {
        if (!command_row(i, &commands[i].name, &commands[i].argument,
                         &commands[i].help))
            break;
    }
    d->help_page =
        help_draw(d->keymap, context_of(d), commands, &d->help_top, canvas, d->area);
}

static void draw_all(struct dashboard *d, struct canvas *canvas)
{
    const struct view_class *view = view_at(d->current);
    int h = canvas_height(canvas);
    const struct app *app = d->rewind.live; /* the link is that of now */
    bool trouble = app->link.state == LINK_DOWN || app->link.stale_since_ms > 0;
    bool past = d->rewind.active;
    int top = 1 + (trouble ? 1 : 0) + (past ? 1 : 0);
    d->area = (struct rect){0, top, canvas_width(canvas), MAX_OF(h - top - 2, 1)};
    app_look_for_events(d->rewind.live);
    if (view->update != NULL && !d->paused)
        view->update(d->states[d->current], d->app);
    if (d->paused)
        draw_frozen(d, canvas);
    else if (d->mode == MODE_PAGE)
        draw_page(d, canvas);
    else if (d->help)
        draw_help(d, canvas);
    else
        view->draw(d->states[d->current], d->app, canvas, d->area);
    if (d->mode == MODE_THEME)
        theme_picker_draw(&d->picker, canvas, d->area);
    if (trouble)
        draw_banner(app, canvas, 1);
    if (past)
        draw_rewind(d, canvas, top - 1);
    draw_message(d, canvas, h - 2);
    if ((d->mode == MODE_LINE || d->mode == MODE_FILE) && d->error[0] != '\0')
        draw_error(d, canvas, h - 1);
    else if (d->mode == MODE_COMMAND)
        draw_offers(d, canvas, h - 1);
    else
        draw_bottom(d, canvas, h - 1);
}

void dashboard_draw(struct dashboard *d, struct canvas *canvas)
{
    canvas_clear(canvas);
    d->width = canvas_width(canvas);
    d->height = canvas_height(canvas);
    d->ascii = canvas_is_ascii(canvas);
    rewind_set_time(&d->rewind);
    draw_all(d, canvas);
    draw_top(d, canvas);
}
