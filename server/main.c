/*
 * flightdashd: reads the configuration, starts the roles, waits for signals.
 * All decisions about errors end here: one line, and exit 1 or 2.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/options_completion.h"
#include "base/options_print.h"
#include "base/strbuf.h"
#include "config.h"
#include "config_check.h"
#include "health_query.h"
#include "net/loop.h"
#include "notify.h"
#include "roles.h"

enum { EXIT_CANNOT_START = 1, EXIT_USAGE = 2, ERROR_LINE_MAX = 2048 };

struct daemon {
    int argc;
    char **argv;
    struct loop *loop;
    struct roles *roles;
    struct config config;
    bool draining;
};

static void say_ready(void *data)
{
    struct daemon *daemon = data;
    struct strbuf line;
    strbuf_init(&line, ERROR_LINE_MAX);
    strbuf_add_text(&line, "ready ");
    roles_describe(daemon->roles, &line);
    log_info("main", "%s", strbuf_text(&line));
    strbuf_add_char(&line, '\n');
    /* One write, so that a reader of the pipe never sees half a line. */
    if (write(STDERR_FILENO, strbuf_text(&line), line.len) < 0)
        log_warn("main", "standard error is closed");
    strbuf_release(&line);
    notify_manager("READY=1");
}

static void end_loop(void *data)
{
    struct daemon *daemon = data;
    loop_stop(daemon->loop);
}

static void take_end_signal(void *data, int signum)
{
    struct daemon *daemon = data;
    if (daemon->draining) {
        log_warn("main", "second %s: ending at once", strsignal(signum));
        loop_stop(daemon->loop);
        return;
    }
    daemon->draining = true;
    log_info("main", "%s: draining", strsignal(signum));
    notify_manager("STOPPING=1");
    roles_drain(daemon->roles);
}

/* What a reload cannot take is said, not passed over. */
static void name_restarts(const struct daemon *daemon, const struct config *fresh)
{
    const struct options_class *class = config_class();
    struct strbuf names;
    strbuf_init(&names, ERROR_LINE_MAX);
    for (size_t i = 0; i < class->row_count; i++) {
        if ((class->rows[i].flags & (OPTION_RELOAD | OPTION_ACTION)) == 0 &&
            options_differ(daemon->config.options, fresh->options, (int)i))
            strbuf_addf(&names, "%s%s", names.len > 0 ? ", " : "", class->rows[i].name);
    }
    bool had_tls = config_text(&daemon->config, CONFIG_TLS_CERT) != NULL;
    if (had_tls != (config_text(fresh, CONFIG_TLS_CERT) != NULL))
        strbuf_addf(&names, "%stls-cert", names.len > 0 ? ", " : "");
    if (options_differ(daemon->config.options, fresh->options, CONFIG_TOKEN_FILE))
        strbuf_addf(&names, "%stoken-file", names.len > 0 ? ", " : "");
    if (names.len > 0)
        log_warn("main", "changed, and taken at a restart only: %s",
                 strbuf_text(&names));
    strbuf_release(&names);
}

static void take_hangup(void *data, int signum)
{
    (void)signum;
    struct daemon *daemon = data;
    struct strbuf error;
    strbuf_init(&error, ERROR_LINE_MAX);
    struct config fresh;
    int rc = config_load(&fresh, daemon->argc, daemon->argv, environ, &error);
    if (rc == 0)
        rc = config_check(&fresh, &error);
    if (rc == 0)
        rc = roles_reload(daemon->roles, &fresh, &error);
    if (rc == 0) {
        log_set_level(fresh.log.level);
        rc = log_reopen();
        if (rc != 0)
            strbuf_addf(&error, "the log file: %s", strerror(-rc));
    }
    if (rc == 0) {
        log_info("main", "configuration read again");
        name_restarts(daemon, &fresh);
    } else {
        log_error("main", "reload refused, the old values stay: %s",
                  strbuf_text(&error));
    }
    config_release(&fresh);
    strbuf_release(&error);
}

static int serve(struct daemon *daemon)
{
    struct strbuf error;
    strbuf_init(&error, ERROR_LINE_MAX);
    int status = EXIT_SUCCESS;
    int rc = log_open(&daemon->config.log);
    if (rc != 0) {
        fprintf(stderr, "flightdashd: --log-file: cannot open %s: %s\n",
                daemon->config.log.file, strerror(-rc));
        return EXIT_CANNOT_START;
    }
    signal(SIGPIPE, SIG_IGN);
    daemon->loop = loop_new();
    struct loop_signal *term =
        loop_on_signal(daemon->loop, SIGTERM, take_end_signal, daemon);
    struct loop_signal *interrupt =
        loop_on_signal(daemon->loop, SIGINT, take_end_signal, daemon);
    struct loop_signal *hangup =
        loop_on_signal(daemon->loop, SIGHUP, take_hangup, daemon);
    static const struct roles_events events = {.on_ready = say_ready,
                                               .on_drained = end_loop};
    daemon->roles = roles_start(&daemon->config, daemon->loop, &events, daemon, &error);
    if (daemon->roles != NULL) {
        loop_run(daemon->loop);
    } else {
        fprintf(stderr, "flightdashd: %s\n", strbuf_text(&error));
        status = EXIT_CANNOT_START;
    }
    roles_free(daemon->roles);
    loop_signal_free(term);
    loop_signal_free(interrupt);
    loop_signal_free(hangup);
    loop_free(daemon->loop);
    log_close();
    strbuf_release(&error);
    return status;
}

/* Options that print something and end. True when one was given. */
static bool print_and_end(const struct config *config)
{
    const struct options *o = config->options;
    const char *shell = options_text(o, CONFIG_COMPLETION);
    if (options_flag(o, CONFIG_HELP))
        options_print_help(config_class(), stdout);
    else if (options_flag(o, CONFIG_VERSION))
        puts("flightdashd " FLIGHTDASH_VERSION);
    else if (shell != NULL)
        options_print_completion(config_class(), shell, stdout);
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    struct daemon daemon = {.argc = argc, .argv = argv};
    struct strbuf error;
    strbuf_init(&error, ERROR_LINE_MAX);
    int rc = config_load(&daemon.config, argc, argv, environ, &error);
    if (rc == 0)
        rc = config_check(&daemon.config, &error);
    int status = EXIT_SUCCESS;
    if (print_and_end(&daemon.config)) {
        status = EXIT_SUCCESS;
    } else if (rc != 0) {
        fprintf(stderr, "flightdashd: %s\n", strbuf_text(&error));
        status = EXIT_USAGE;
    } else if (config_flag(&daemon.config, CONFIG_PRINT_CONFIG)) {
        options_print_config(config_class(), daemon.config.options, stdout);
    } else if (config_flag(&daemon.config, CONFIG_CHECK)) {
        puts("flightdashd: the configuration is good");
    } else if (config_flag(&daemon.config, CONFIG_HEALTH)) {
        status = health_query(&daemon.config);
    } else {
        status = serve(&daemon);
    }
    strbuf_release(&error);
    config_release(&daemon.config);
    return status;
}
