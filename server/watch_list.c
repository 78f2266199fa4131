#include "watch_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/host_port.h"
#include "base/strbuf.h"

enum { WATCH_TEXT_MAX = 1024 };

struct watch_list {
    struct probe_config rows[PROBER_SERVICES_MAX];
    char *names[PROBER_SERVICES_MAX];
    char *addresses[PROBER_SERVICES_MAX];
    size_t count;
};

/* The roles, where they serve when they run alone on this machine, their needs. */
static const struct {
    const char *name;
    enum config_role role;
    int port;
    const char *depends_on;
} role_rows[] = {
    {"gateway", ROLE_GATEWAY, 8080, "kafka,redis"},
    {"ingest", ROLE_INGEST, 8081, "kafka"},
    {"tracker", ROLE_TRACKER, 8082, "kafka,redis"},
    {"monitor", ROLE_MONITOR, 8083, "kafka,redis"},
};

/* Schemes of --probe and the kinds of probe that they mean. */
static const struct {
    const char *scheme;
    const char *kind;
    bool whole_url;
} scheme_rows[] = {
    {"http://", "http", true},    {"https://", "http", true},
    {"kafka://", "kafka", false}, {"redis://", "redis", false},
    {"tcp://", "tcp", false},
};

static void add(struct watch_list *list, const char *name, const char *kind,
                const char *address, const char *depends_on)
{
    if (list->count == PROBER_SERVICES_MAX)
        return;
    size_t i = list->count++;
    list->names[i] = xstrdup(name);
    list->addresses[i] = xstrdup(address);
    list->rows[i] = (struct probe_config){.service = list->names[i],
                                          .kind = kind,
                                          .address = list->addresses[i],
                                          .depends_on = depends_on};
}

/* host:port of redis://[user[:password]@]host[:port][/...]. */
static void add_redis(struct watch_list *list, const char *url)
{
    const char *host = strstr(url, "://");
    host = host != NULL ? host + 3 : url;
    size_t len = strcspn(host, "/?");
    const char *at = memchr(host, '@', len);
    if (at != NULL) {
        len -= (size_t)(at + 1 - host);
        host = at + 1;
    }
    struct strbuf address;
    strbuf_init(&address, WATCH_TEXT_MAX);
    strbuf_add(&address, host, len);
    const char *bracket = memchr(host, ']', len);
    const char *after = bracket != NULL ? bracket : host;
    if (memchr(after, ':', len - (size_t)(after - host)) == NULL)
        strbuf_add_text(&address, ":6379");
    bool tls = strncmp(url, "rediss", 6) == 0;
    add(list, "redis", tls ? "tcp" : "redis", strbuf_text(&address), NULL);
    strbuf_release(&address);
}

static void add_roles(struct watch_list *list, const struct watch_list_config *config)
{
    struct strbuf url;
    strbuf_init(&url, WATCH_TEXT_MAX);
    const char *own = config->config->listen_address;
    bool any = strcmp(own, "0.0.0.0") == 0 || strcmp(own, "::") == 0;
    /* Our own certificate need not name this address: then connecting must do. */
    bool tls = config_text(config->config, CONFIG_TLS_CERT) != NULL;
    for (size_t i = 0; i < ARRAY_LEN(role_rows); i++) {
        bool here = (config->config->roles & role_rows[i].role) != 0;
        const char *host = here && !any ? own : "127.0.0.1";
        bool v6 = strchr(host, ':') != NULL;
        strbuf_clear(&url);
        strbuf_addf(&url, "%s%s%s%s:%d%s", tls ? "" : "http://", v6 ? "[" : "", host,
                    v6 ? "]" : "", here ? config->http_port : role_rows[i].port,
                    tls ? "" : "/healthz");
        add(list, role_rows[i].name, tls ? "tcp" : "http", strbuf_text(&url),
            role_rows[i].depends_on);
    }
    strbuf_release(&url);
}

/* What is behind the '=' of NAME=URL and what its scheme means; NULL when wrong. */
static const char *split_probe(const char *text, unsigned *ret_scheme)
{
    const char *equals = strchr(text, '=');
    for (unsigned i = 0; equals != NULL && equals != text && i < ARRAY_LEN(scheme_rows);
         i++) {
        size_t len = strlen(scheme_rows[i].scheme);
        if (strncmp(equals + 1, scheme_rows[i].scheme, len) != 0)
            continue;
        *ret_scheme = i;
        const char *host = equals + 1 + len;
        return host_port_valid(host, strcspn(host, ",/?#")) ? equals + 1 : NULL;
    }
    return NULL;
}

/* The place of a name in the list; list->count when it is not there. */
static size_t place_of(const struct watch_list *list, const char *name)
{
    size_t i = 0;
    while (i < list->count && strcmp(list->names[i], name) != 0)
        i++;
    return i;
}

/* NAME=URL; a name that is in the list already is replaced. */
static int add_probe(struct watch_list *list, const char *text, struct strbuf *error)
{
    unsigned scheme;
    const char *address = split_probe(text, &scheme);
    if (address == NULL) {
        strbuf_addf(error,
                    "\"%s\" is not NAME=URL with http://, https://, kafka://, "
                    "redis:// or tcp:// and a host",
                    text);
        return -EINVAL;
    }
    char *name = xstrndup(text, (size_t)(address - 1 - text));
    size_t place = place_of(list, name);
    if (!scheme_rows[scheme].whole_url)
        address += strlen(scheme_rows[scheme].scheme);
    if (place < list->count) {
        free(list->addresses[place]);
        list->addresses[place] = xstrdup(address);
        list->rows[place].address = list->addresses[place];
        list->rows[place].kind = scheme_rows[scheme].kind;
    } else {
        add(list, name, scheme_rows[scheme].kind, address, NULL);
    }
    bool full = place == PROBER_SERVICES_MAX;
    free(name);
    if (full)
        strbuf_addf(error, "more than %d services", PROBER_SERVICES_MAX);
    return full ? -EINVAL : 0;
}

static int add_probes(struct watch_list *list, const struct config *config,
                      struct strbuf *error)
{
    size_t count;
    const char *const *probes = options_list(config->options, CONFIG_PROBE, &count);
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = add_probe(list, probes[i], error);
    return rc;
}

struct watch_list *watch_list_new(const struct watch_list_config *config,
                                  struct strbuf *ret_error)
{
    struct watch_list *list = xcalloc(1, sizeof *list);
    const char *redis = config_text(config->config, CONFIG_REDIS);
    add(list, "kafka", "kafka", config->brokers, NULL);
    if (redis != NULL)
        add_redis(list, redis);
    add_roles(list, config);
    if (add_probes(list, config->config, ret_error) != 0) {
        watch_list_free(list);
        return NULL;
    }
    return list;
}

int watch_list_check(const struct config *config, struct strbuf *ret_error)
{
    struct watch_list *list = watch_list_new(
        &(struct watch_list_config){.config = config, .brokers = ""}, ret_error);
    watch_list_free(list);
    return list != NULL ? 0 : -EINVAL;
}

void watch_list_free(struct watch_list *list)
{
    if (list == NULL)
        return;
    for (size_t i = 0; i < list->count; i++) {
        free(list->names[i]);
        free(list->addresses[i]);
    }
    free(list);
}

const struct probe_config *watch_list_services(const struct watch_list *list,
                                               size_t *ret_count)
{
    *ret_count = list->count;
    return list->rows;
}
