/*
 * Any bytes from a keyboard, over a sky that has something to select: they become
 * keys, the dashboard takes them, and what it draws is drawn within its canvas. A
 * file is never written: `w` asks for a name, which bytes like these would give.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "dashboard.h"
#include "wire/wire_decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KEYS_MAX = 300 };

static const char welcome[] =
    "{\"type\":\"welcome\",\"version\":1,\"epoch\":\"00112233aabbccdd\",\"tick\":1,"
    "\"tick_ms\":250,\"time\":5000,\"resumed\":false}";
static const char snapshot[] =
    "{\"type\":\"snapshot\",\"id\":1,\"tick\":1,\"time\":5000,\"last\":true,"
    "\"flights\":[{\"hex\":\"4b1814\",\"flight\":\"SWR1\",\"lat\":47,\"lon\":8,"
    "\"alt_baro\":3000,\"squawk\":\"7700\"},{\"hex\":\"4b1815\",\"lat\":-20,"
    "\"lon\":179.9,\"track\":90}]}";

static void say(struct app *app, const char *frame)
{
    struct wire_message m;
    struct strbuf error;
    strbuf_init(&error, 256);
    if (wire_decode(frame, strlen(frame), &m, &error) == 0) {
        app_apply(app, &m, strlen(frame));
        wire_message_release(&m);
    }
    strbuf_release(&error);
}

static void nothing(void *data)
{
    (void)data;
}

static void swallow(void *data, const char *text, size_t len)
{
    (void)data;
    if (len > 0 && text[0] == '\0')
        abort(); /* an empty text has no length */
}

static void replay_nothing(void *data, enum replay_verb verb, int64_t amount)
{
    (void)data;
    (void)verb;
    (void)amount;
}

/* Keys that would ask for a file's name do nothing here. */
static void no_files(struct keymap *map)
{
    struct strbuf error;
    strbuf_init(&error, 256);
    keymap_init(map);
    keymap_read(map, "k", "[keys]\nwrite =\ncommand =\n", &error);
    strbuf_release(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct dashboard_verbs verbs = {
        NULL, nothing, nothing, nothing, nothing, nothing, swallow, replay_nothing};
    struct app app;
    struct keymap map;
    struct theme theme;
    const char *bytes = (const char *)data;
    app_init(&app);
    app_set_time(&app, 1000000, 5000000);
    say(&app, welcome);
    say(&app, snapshot);
    no_files(&map);
    theme_init(&theme);
    struct dashboard *d = dashboard_new(&app, &map, &theme, &verbs);
    struct canvas *canvas = canvas_new(80, 24, false);
    dashboard_show(d, 0);
    for (int keys = 0; size > 0 && keys < KEYS_MAX; keys++) {
        struct key key;
        size_t n = key_parse(bytes, size, true, &key);
        if (n == 0 || n > size)
            abort(); /* with `final` there is always a key */
        bytes += n;
        size -= n;
        dashboard_key(d, key);
        if (keys % 16 == 0) {
            app_set_time(&app, app.mono_ms + 900, 5000000);
            dashboard_second(d);
            dashboard_draw(d, canvas);
        }
    }
    dashboard_draw(d, canvas);
    canvas_free(canvas);
    dashboard_free(d);
    app_release(&app);
    return 0;
}
