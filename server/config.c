#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/host_port.h"
#include "base/strbuf.h"
#include "flight/filter.h"
#include "sources/source_url.h"
#include "sources/sources.h"

enum { SECRET_FILE_MAX = 16384 };

static const struct option_row option_rows[] = {
#define OPTION(id, name, kind, argument, initial, min, max, choices, flags, help)      \
    [CONFIG_##id] = {name, OPTION_##kind, argument, initial, min,                      \
                     max,  choices,       flags,    help},
#include "config_options.def"
#undef OPTION
};

static const char *const default_files[] = {"/etc/flightdash/flightdash.conf", NULL};

static const struct options_class class = {
    .program = "flightdashd",
    .summary = "Takes flights from their sources through Kafka to WebSocket clients.",
    .files = default_files,
    .config_row = CONFIG_CONFIG,
    .prefix_key = "kafka.",
    .prefix_row = CONFIG_KAFKA_PROPERTY,
    .rows = option_rows,
    .row_count = CONFIG_OPTION_COUNT,
};

static const struct {
    const char *name;
    unsigned role;
    int port;
} roles[] = {
    {"all", ROLE_ALL, 8080},         {"gateway", ROLE_GATEWAY, 8080},
    {"ingest", ROLE_INGEST, 8081},   {"tracker", ROLE_TRACKER, 8082},
    {"monitor", ROLE_MONITOR, 8083},
};

/* Options that must be http or https URLs when they are given. */
static const enum config_option http_urls[] = {
    CONFIG_PROMETHEUS, CONFIG_ALERTMANAGER, CONFIG_ELASTICSEARCH, CONFIG_KIBANA,
    CONFIG_JAEGER,     CONFIG_OTLP,         CONFIG_PINOT,
};

/* Options that must be readable files when they are given. */
static const enum config_option input_files[] = {
    CONFIG_TOKEN_FILE, CONFIG_TLS_CERT, CONFIG_TLS_KEY, CONFIG_ELASTICSEARCH_USER_FILE};

const struct options_class *config_class(void)
{
    return &class;
}

const char *config_text(const struct config *config, enum config_option option)
{
    const char *text = options_text(config->options, (int)option);
    return text != NULL && text[0] != '\0' ? text : NULL;
}

int64_t config_int(const struct config *config, enum config_option option)
{
    return options_int(config->options, (int)option);
}

bool config_flag(const struct config *config, enum config_option option)
{
    return options_flag(config->options, (int)option);
}

/* "--redis: " with the place that gave the value. */
static int complain(const struct config *config, enum config_option option,
                    struct strbuf *error, const char *what)
{
    strbuf_addf(error, "%s: %s", options_origin_text(config->options, (int)option),
                what);
    return -EINVAL;
}

static int parse_role_word(struct config *config, const char *word,
                           struct strbuf *error)
{
    for (unsigned i = 0; i < ARRAY_LEN(roles); i++) {
        if (strcmp(word, roles[i].name) == 0) {
            bool first = config->roles == 0;
            config->roles |= roles[i].role;
            config->listen_port =
                first ? roles[i].port : MIN_OF(config->listen_port, roles[i].port);
            return 0;
        }
    }
    strbuf_addf(error,
                "%s: no role \"%s\"; roles are gateway, ingest, tracker, monitor, all",
                options_origin_text(config->options, CONFIG_ROLE), word);
    return -EINVAL;
}

static int parse_roles(struct config *config, struct strbuf *error)
{
    const char *text = options_text(config->options, CONFIG_ROLE);
    char *copy = xstrdup(text);
    char *save = NULL;
    int rc = 0;
    for (char *word = strtok_r(copy, ", ", &save); word != NULL && rc == 0;
         word = strtok_r(NULL, ", ", &save))
        rc = parse_role_word(config, word, error);
    free(copy);
    if (rc == 0 && config->roles == 0)
        rc = complain(config, CONFIG_ROLE, error, "names no role");
    config->role_text = xstrdup(config->roles == ROLE_ALL ? "all" : text);
    return rc;
}

/* ADDR, ADDR:PORT, :PORT, [v6]:PORT; the role's port when none is given. */
static int parse_listen(struct config *config, struct strbuf *error)
{
    const char *text = options_text(config->options, CONFIG_LISTEN);
    const char *colon = strrchr(text, ':');
    const char *close = strchr(text, ']');
    bool bare_v6 = close == NULL && colon != NULL && strchr(text, ':') != colon;
    if (bare_v6 || (close != NULL && colon != NULL && colon < close))
        colon = NULL;
    size_t len = colon != NULL ? (size_t)(colon - text) : strlen(text);
    if (text[0] == '[' && close != NULL) {
        text++;
        len = (size_t)(close - text);
    }
    config->listen_address = len > 0 ? xstrndup(text, len) : xstrdup("127.0.0.1");
    if (strcmp(config->listen_address, "localhost") == 0) {
        free(config->listen_address);
        config->listen_address = xstrdup("127.0.0.1");
    }
    if (colon == NULL)
        return 0;
    char *end;
    long port = strtol(colon + 1, &end, 10);
    if (end == colon + 1 || *end != '\0' || port < 0 || port > 65535)
        return complain(config, CONFIG_LISTEN, error,
                        "the port is not a number from 0 to 65535");
    config->listen_port = (int)port;
    return 0;
}

/* The content of a small file without its last newline; NULL with errno set. */
static char *read_small_file(const char *path)
{
    FILE *in = fopen(path, "re");
    if (in == NULL)
        return NULL;
    char *text = xcalloc(SECRET_FILE_MAX + 1, 1);
    size_t n = fread(text, 1, SECRET_FILE_MAX, in);
    bool bad = ferror(in) != 0;
    fclose(in);
    if (bad) {
        free(text);
        errno = EIO;
        return NULL;
    }
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        text[--n] = '\0';
    return text;
}

/* One K=V, with V read from a file when it is @FILE. */
static int take_property(struct config *config, const char *pair, struct strbuf *error)
{
    const char *equals = strchr(pair, '=');
    if (equals == NULL || equals == pair)
        return complain(config, CONFIG_KAFKA_PROPERTY, error,
                        "a property is written NAME=VALUE");
    struct strbuf out;
    strbuf_init(&out, (size_t)SECRET_FILE_MAX + 256);
    if (equals[1] != '@') {
        strbuf_add_text(&out, pair);
    } else {
        char *value = read_small_file(equals + 2);
        if (value == NULL) {
            strbuf_addf(error, "%s: cannot read %s: %s",
                        options_origin_text(config->options, CONFIG_KAFKA_PROPERTY),
                        equals + 2, strerror(errno));
            return -EINVAL;
        }
        strbuf_add(&out, pair, (size_t)(equals - pair) + 1);
        strbuf_add_text(&out, value);
        free(value);
    }
    config->kafka_properties[config->kafka_property_count++] = strbuf_detach(&out);
    return 0;
}

static int take_properties(struct config *config, struct strbuf *error)
{
    size_t count;
    const char *const *pairs =
        options_list(config->options, CONFIG_KAFKA_PROPERTY, &count);
    config->kafka_properties = xcalloc(count + 1, sizeof *config->kafka_properties);
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = take_property(config, pairs[i], error);
    return rc;
}

static int check_urls(const struct config *config, struct strbuf *error)
{
    for (unsigned i = 0; i < ARRAY_LEN(http_urls); i++) {
        const char *url = config_text(config, http_urls[i]);
        if (url == NULL)
            continue;
        bool http = strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
        const char *host = http ? strstr(url, "://") + 3 : "";
        if (!host_port_valid(host, strcspn(host, "/?#")))
            return complain(config, http_urls[i], error,
                            "is not a URL of the form http://HOST[:PORT]");
    }
    return 0;
}

static int check_files(const struct config *config, struct strbuf *error)
{
    for (unsigned i = 0; i < ARRAY_LEN(input_files); i++) {
        const char *path = config_text(config, input_files[i]);
        if (path != NULL && access(path, R_OK) != 0) {
            strbuf_addf(error, "%s: cannot read %s: %s",
                        options_origin_text(config->options, (int)input_files[i]), path,
                        strerror(errno));
            return -EINVAL;
        }
    }
    bool cert = config_text(config, CONFIG_TLS_CERT) != NULL;
    bool key = config_text(config, CONFIG_TLS_KEY) != NULL;
    if (cert != key) {
        strbuf_addf(error, "%s: TLS needs both --tls-cert and --tls-key",
                    options_origin_text(config->options,
                                        cert ? CONFIG_TLS_CERT : CONFIG_TLS_KEY));
        return -EINVAL;
    }
    return 0;
}

static int check_filter(const struct config *config, struct strbuf *error)
{
    const char *text = config_text(config, CONFIG_FILTER);
    if (text == NULL)
        return 0;
    struct strbuf why;
    strbuf_init(&why, 512);
    struct filter *filter = filter_parse(text, &why);
    int rc =
        filter != NULL ? 0 : complain(config, CONFIG_FILTER, error, strbuf_text(&why));
    filter_free(filter);
    strbuf_release(&why);
    return rc;
}

/* A source that cannot be is found before anything starts. */
static int check_sources(const struct config *config, struct strbuf *error)
{
    size_t count;
    const char *const *urls = options_list(config->options, CONFIG_SOURCE, &count);
    for (size_t i = 0; i < count; i++) {
        struct strbuf why;
        strbuf_init(&why, 512);
        struct source_url *url = sources_parse(urls[i], &why);
        int rc =
            url != NULL ? 0 : complain(config, CONFIG_SOURCE, error, strbuf_text(&why));
        source_url_free(url);
        strbuf_release(&why);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int parse_receiver(struct config *config, struct strbuf *error)
{
    const char *text = config_text(config, CONFIG_RECEIVER);
    if (text == NULL)
        return 0;
    char *end;
    double lat = strtod(text, &end);
    bool ok = end != text && *end == ',';
    char *last = end;
    double lon = ok ? strtod(end + 1, &last) : 0;
    ok = ok && last != end + 1 && *last == '\0' && lat >= -90 && lat <= 90 &&
         lon >= -180 && lon <= 180;
    if (!ok)
        return complain(config, CONFIG_RECEIVER, error,
                        "is not LAT,LON in degrees, as in 47.46,8.55");
    config->has_receiver = true;
    config->receiver_lat_deg = lat;
    config->receiver_lon_deg = lon;
    return 0;
}

static void take_log(struct config *config)
{
    const char *level = options_text(config->options, CONFIG_LOG_LEVEL);
    config->log = (struct log_config){
        .format = strcmp(options_text(config->options, CONFIG_LOG_FORMAT), "ecs") == 0
                      ? LOG_FORMAT_ECS
                      : LOG_FORMAT_TEXT,
        .file = config_text(config, CONFIG_LOG_FILE),
        .service = "flightdashd",
    };
    log_level_parse(level, &config->log.level);
}

int config_load(struct config *ret_config, int argc, char **argv, char **env,
                struct strbuf *ret_error)
{
    struct config *config = ret_config;
    *config = (struct config){.options = options_new(&class)};
    int rc = options_load(config->options, argc, argv, env, ret_error);
    if (rc == 0)
        rc = parse_roles(config, ret_error);
    if (rc == 0)
        rc = parse_listen(config, ret_error);
    if (rc == 0)
        rc = take_properties(config, ret_error);
    if (rc == 0)
        rc = check_urls(config, ret_error);
    if (rc == 0)
        rc = check_files(config, ret_error);
    if (rc == 0)
        rc = check_filter(config, ret_error);
    if (rc == 0)
        rc = check_sources(config, ret_error);
    if (rc == 0)
        rc = parse_receiver(config, ret_error);
    if (rc == 0)
        take_log(config);
    return rc;
}

void config_release(struct config *config)
{
    options_free(config->options);
    free(config->role_text);
    free(config->listen_address);
    for (size_t i = 0; i < config->kafka_property_count; i++)
        free(config->kafka_properties[i]);
    free(config->kafka_properties);
    *config = (struct config){0};
}
