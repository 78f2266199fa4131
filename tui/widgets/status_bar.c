#include "widgets/status_bar.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ui/text.h"

enum { FRESH_MS = 2500, TITLE_SHORT = 4, BANNER_WIDE = 60 };

/* ---- right side: the facts, the less important ones leave first --------------- */

static void add(char *line, size_t size, const char *text)
{
    size_t used = strlen(line);
    snprintf(line + used, size - used, "%s%s", used > 0 ? "  " : "", text);
}

static void short_duration(int64_t ms, char *ret, size_t size)
{
    long long s = ms / 1000;
    if (s < 120)
        snprintf(ret, size, "%llds", s);
    else if (s < 7200)
        snprintf(ret, size, "%lldm", s / 60);
    else
        snprintf(ret, size, "%lldh", s / 3600);
}

static void clock_of_day(int64_t epoch_ms, char *ret, size_t size)
{
    long long s = epoch_ms / 1000 % 86400;
    s = s < 0 ? s + 86400 : s;
    snprintf(ret, size, "%02lld:%02lld:%02lldZ", s / 3600, s / 60 % 60, s % 60);
}

/* Data age and clock: never left out. */
static int draw_clock(const struct status_facts *f, struct pen *pen)
{
    char clock[16];
    char age[32] = "";
    char duration[24];
    clock_of_day(f->now_ms, clock, sizeof clock);
    if (f->coarse) /* hours and minutes */
        memcpy(clock + strlen("00:00"), "Z", sizeof "Z");
    short_duration(f->age_ms, duration, sizeof duration);
    bool old = f->stale || f->age_ms > FRESH_MS || f->age_ms < 0;
    if (f->age_ms < 0)
        snprintf(age, sizeof age, "no data");
    else if (old)
        snprintf(age, sizeof age, "stale %s", duration);
    const char *mark = !f->up ? "○" : old ? "▲" : "●";
    int width = 1 + (old ? 1 + text_width(age) : 0) + 1 + (int)strlen(clock);
    pen_to(pen, pen->area.w - width, 0);
    pen_text(pen, old ? ROLE_WARN : ROLE_OK, mark);
    if (old)
        pen_textf(pen, ROLE_WARN, " %s", age);
    pen_textf(pen, ROLE_TEXT, " %s", clock);
    return width;
}

static void draw_facts(const struct status_facts *f, struct pen *pen, int room, int end)
{
    char line[96] = "";
    char part[48];
    if (f->label != NULL)
        add(line, sizeof line, f->label);
    snprintf(part, sizeof part, "%ld flights", f->flights);
    if (room >= 12 + (int)strlen(line))
        add(line, sizeof line, part);
    snprintf(part, sizeof part, "tick %u", f->tick);
    if (room >= 30 + (int)strlen(line) && f->tick > 0)
        add(line, sizeof line, part);
    if ((int)strlen(line) > room)
        return;
    pen_to(pen, end - (int)strlen(line), 0);
    pen_text(pen, f->label != NULL ? ROLE_WARN : ROLE_DIM, line);
}

/* ---- left side: the views ------------------------------------------------------ */

static int tab_width(const struct status_tab *tab, int level)
{
    int title = (int)strlen(tab->title);
    int shown = level == 0 ? title : level == 1 ? MIN_OF(title, (int)TITLE_SHORT) : 0;
    if (level >= 2 && tab->current)
        shown = title;
    return 3 + shown + (shown > 0 ? 1 : 0);
}

static int tabs_width(const struct status_facts *f, int level)
{
    int width = 0;
    for (size_t i = 0; i < f->tab_count; i++)
        width += tab_width(&f->tabs[i], level);
    return width;
}

static void draw_tab(const struct status_tab *tab, int level, struct pen *pen)
{
    char title[32];
    int shown = tab_width(tab, level) - 4;
    enum role role = tab->current ? ROLE_ACCENT : ROLE_DIM;
    snprintf(title, sizeof title, "%.*s", MAX_OF(shown, 0), tab->title);
    for (char *c = title; tab->current && *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    pen_textf(pen, role, " %c%s%s ", tab->key, title[0] != '\0' ? " " : "", title);
}

void status_bar_top(const struct status_facts *facts, struct canvas *canvas)
{
    struct rect line = {0, 0, canvas_width(canvas) - 1, 1};
    struct pen pen = pen_on(canvas, line);
    int clock = draw_clock(facts, &pen);
    char alerts[24] = "";
    if (facts->alerts > 0)
        snprintf(alerts, sizeof alerts, " !%ld ", facts->alerts);
    int label = facts->label != NULL ? (int)strlen(facts->label) + 2 : 0;
    int room = line.w - clock - (int)strlen(alerts) - 1 - label;
    int level = 0;
    while (level < 2 && tabs_width(facts, level) + (level == 0 ? 14 : 0) > room)
        level++;
    pen_to(&pen, 0, 0);
    bool all = tabs_width(facts, level) <= room;
    for (size_t i = 0; i < facts->tab_count; i++) {
        if (all || facts->tabs[i].current) /* no room: where we are, at least */
            draw_tab(&facts->tabs[i], level, &pen);
    }
    int left = pen.x;
    pen_to(&pen, line.w - clock - (int)strlen(alerts), 0);
    pen_text(&pen, ROLE_EMERGENCY, alerts);
    int end = line.w - clock - (int)strlen(alerts) - 2;
    draw_facts(facts, &pen, end - left - 1, end);
}

/* Since when, why, and the next try; on a narrow screen the reason comes last. */
static void banner_of_link(const struct status_trouble *t, struct pen *pen)
{
    bool wide = pen->area.w >= BANNER_WIDE;
    bool never = t->data_age_ms < 0;
    char age[24], next[24], since[16];
    clock_of_day(t->since_ms, since, sizeof since);
    short_duration(t->age_ms, age, sizeof age);
    short_duration(t->next_try_ms + 999, next, sizeof next);
    pen_text(pen, ROLE_BANNER, never ? " Not connected" : " Link down");
    if (wide)
        pen_textf(pen, ROLE_BANNER, " since %s (%s)%s%s", since, age,
                  t->why[0] != '\0' ? ": " : "", t->why);
    else if (!never)
        pen_textf(pen, ROLE_BANNER, " since %.8s", since);
    pen_text(pen, ROLE_BANNER, ".");
    if (t->next_try_ms >= 0)
        pen_textf(pen, ROLE_BANNER, wide ? " Next try in %s." : " Next try %s.", next);
    else
        pen_text(pen, ROLE_BANNER, " Trying again now.");
    if (!wide)
        pen_textf(pen, ROLE_BANNER, " %s", t->why);
}

void status_bar_banner(const struct status_trouble *t, struct canvas *canvas, int y)
{
    struct pen pen = pen_on(canvas, (struct rect){0, y, canvas_width(canvas), 1});
    char age[24];
    short_duration(t->age_ms, age, sizeof age);
    if (t->down)
        banner_of_link(t, &pen);
    else
        pen_textf(&pen, ROLE_BANNER, " The server's data is old: %s is silent for %s.",
                  t->source, age);
    pen_end_line(&pen, ROLE_BANNER);
}
