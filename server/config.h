/*
 * flightdashd's configuration as one checked value: options are read, URLs and
 * files looked at, before anything is started, so that a mistake ends the
 * program with one line and never with half a server. Main thread; read-only
 * for everyone once roles run.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/options.h"

struct strbuf;

enum config_option {
#define OPTION(id, ...) CONFIG_##id,
#include "config_options.def"
#undef OPTION
    CONFIG_OPTION_COUNT
};

enum config_role {
    ROLE_GATEWAY = 1,
    ROLE_INGEST = 2,
    ROLE_TRACKER = 4,
    ROLE_MONITOR = 8,
    ROLE_ALL = 15
};

struct config {
    struct options *options; /* owned */
    unsigned roles;          /* enum config_role */
    char *role_text;         /* "all", "gateway,tracker" */
    char *listen_address;
    int listen_port;         /* 0 = any free one */
    char **kafka_properties; /* K=V with @FILE replaced by the file's content */
    size_t kafka_property_count;
    bool has_receiver;
    double receiver_lat_deg;
    double receiver_lon_deg;
    struct log_config log;
};

/* The option rows, for --help and the tests. */
const struct options_class *config_class(void);

/*
 * Reads and checks everything. 0, or -EINVAL with one line in ret_error. What
 * ret_config holds must be released either way.
 */
int config_load(struct config *ret_config, int argc, char **argv, char **env,
                struct strbuf *ret_error);
void config_release(struct config *config);

/* Short forms. */
const char *config_text(const struct config *config, enum config_option option);
int64_t config_int(const struct config *config, enum config_option option);
bool config_flag(const struct config *config, enum config_option option);
