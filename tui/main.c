#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/options_completion.h"
#include "base/options_print.h"
#include "base/strbuf.h"
#include "check_themes.h"
#include "once.h"
#include "script.h"
#include "settings.h"
#include "term/caps.h"
#include "terminal.h"

enum { EXIT_USAGE = 2 };

/* Options that print something and end. False when there is none of them. */
static bool answer(const struct settings *s)
{
    if (settings_flag(s, SETTING_HELP))
        options_print_help(&s->class, stdout);
    else if (settings_flag(s, SETTING_VERSION))
        printf("flightdash %s\n", FLIGHTDASH_VERSION);
    else if (settings_text(s, SETTING_COMPLETION) != NULL)
        options_print_completion(&s->class, settings_text(s, SETTING_COMPLETION),
                                 stdout);
    else if (settings_flag(s, SETTING_PRINT_CONFIG))
        options_print_config(&s->class, s->options, stdout);
    else if (!settings_flag(s, SETTING_CHECK))
        return false;
    return true;
}

static int run(struct settings *s)
{
    struct caps caps;
    bool tty = isatty(STDOUT_FILENO) && isatty(STDIN_FILENO);
    if (settings_text(s, SETTING_SCRIPT) != NULL)
        return script_run(s);
    if (settings_flag(s, SETTING_ONCE))
        return once_run(s);
    if (!tty)
        return plain_run(s);
    caps_find(&caps, STDOUT_FILENO, settings_colours(s),
              settings_flag(s, SETTING_ASCII));
    if (!caps.full_screen || settings_flag(s, SETTING_PLAIN))
        return plain_run(s);
    return terminal_run(s, &caps);
}

int main(int argc, char **argv)
{
    struct settings settings;
    struct strbuf error;
    int status = EXIT_SUCCESS;
    strbuf_init(&error, 4096);
    int rc = settings_load(&settings, argc, argv, environ, &error);
    if (rc != 0 &&
        !(settings.options != NULL && (settings_flag(&settings, SETTING_HELP) ||
                                       settings_flag(&settings, SETTING_VERSION)))) {
        fprintf(stderr, "flightdash: %s\n", strbuf_text(&error));
        status = EXIT_USAGE;
    } else if (settings_flag(&settings, SETTING_CHECK_THEMES)) {
        size_t count;
        const char *const *files = options_positional(settings.options, &count);
        status = check_themes_run(files, count);
    } else if (!answer(&settings)) {
        status = run(&settings);
    }
    strbuf_release(&error);
    settings_release(&settings);
    return status;
}
