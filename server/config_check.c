#include "config_check.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/host_port.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "bus/bus_config.h"
#include "config.h"
#include "gateway/auth.h"
#include "gateway/web_tls.h"
#include "store/redis_url.h"
#include "watch_list.h"

enum { CHECK_LINE_MAX = 2048 };

typedef int (*check_fn)(const struct config *config, struct strbuf *why);

/* host, host:port, [v6]:port or PROTOCOL://host:port, as librdkafka takes them. */
static bool is_broker(const char *text, size_t len)
{
    const char *host = memmem(text, len, "://", 3);
    host = host != NULL ? host + 3 : text;
    return host_port_valid(host, len - (size_t)(host - text));
}

static int check_brokers(const struct config *config, struct strbuf *why)
{
    const char *at = config_text(config, CONFIG_KAFKA);
    while (at != NULL) {
        at += strspn(at, " ");
        size_t len = strcspn(at, ",");
        size_t used = len;
        while (used > 0 && at[used - 1] == ' ')
            used--;
        if (!is_broker(at, used)) {
            strbuf_addf(why, "\"%.*s\" is not HOST:PORT", (int)used, at);
            return -EINVAL;
        }
        at = at[len] == ',' ? at + len + 1 : NULL;
    }
    return 0;
}

static int check_properties(const struct config *config, struct strbuf *why)
{
    const struct bus_config bus = {
        .properties = (const char *const *)config->kafka_properties,
        .property_count = config->kafka_property_count,
    };
    return bus_config_check(&bus, why);
}

static int check_redis(const struct config *config, struct strbuf *why)
{
    const char *text = config_text(config, CONFIG_REDIS);
    struct redis_url url;
    if (text == NULL)
        return 0;
    if (redis_url_parse(text, &url, why) != 0)
        return -EINVAL;
    const char *files[] = {url.password_file, url.ca_file};
    for (unsigned i = 0; i < ARRAY_LEN(files); i++) {
        if (files[i][0] != '\0' && access(files[i], R_OK) != 0) {
            strbuf_addf(why, "cannot read %s: %s", files[i], strerror(errno));
            return -EINVAL;
        }
    }
    return 0;
}

static int check_probes(const struct config *config, struct strbuf *why)
{
    return watch_list_check(config, why);
}

static int check_tokens(const struct config *config, struct strbuf *why)
{
    const char *file = config_text(config, CONFIG_TOKEN_FILE);
    struct auth *auth = file != NULL ? auth_new(file, why) : NULL;
    auth_free(auth);
    return file == NULL || auth != NULL ? 0 : -EINVAL;
}

static int check_tls(const struct config *config, struct strbuf *why)
{
    const char *cert = config_text(config, CONFIG_TLS_CERT);
    if (cert == NULL)
        return 0;
    return web_tls_check(cert, config_text(config, CONFIG_TLS_KEY), why);
}

/* An Origin is compared as a whole: one that no browser sends would never match. */
static int check_origins(const struct config *config, struct strbuf *why)
{
    size_t count;
    const char *const *origins =
        options_list(config->options, CONFIG_ALLOW_ORIGIN, &count);
    for (size_t i = 0; i < count; i++) {
        const char *host = strstr(origins[i], "://");
        bool plain = strcmp(origins[i], "*") == 0 || strcmp(origins[i], "null") == 0;
        if (plain || (host != NULL && host != origins[i] && host[3] != '\0' &&
                      strpbrk(host + 3, "/?# ") == NULL))
            continue;
        strbuf_addf(why, "\"%s\" is not SCHEME://HOST[:PORT] without a path, or *",
                    origins[i]);
        return -EINVAL;
    }
    return 0;
}

static const struct {
    enum config_option option;
    check_fn check;
} rows[] = {
    {CONFIG_KAFKA, check_brokers},        {CONFIG_KAFKA_PROPERTY, check_properties},
    {CONFIG_REDIS, check_redis},          {CONFIG_PROBE, check_probes},
    {CONFIG_TOKEN_FILE, check_tokens},    {CONFIG_TLS_CERT, check_tls},
    {CONFIG_ALLOW_ORIGIN, check_origins},
};

int config_check(const struct config *config, struct strbuf *ret_error)
{
    struct strbuf why;
    strbuf_init(&why, CHECK_LINE_MAX);
    int rc = 0;
    for (unsigned i = 0; i < ARRAY_LEN(rows) && rc == 0; i++) {
        rc = rows[i].check(config, &why);
        if (rc != 0)
            strbuf_addf(ret_error, "%s: %s",
                        options_origin_text(config->options, (int)rows[i].option),
                        strbuf_text(&why));
    }
    strbuf_release(&why);
    return rc;
}
