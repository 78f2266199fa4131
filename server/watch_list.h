/*
 * What the monitor role watches: Kafka, Redis, the roles of the platform, and
 * what --probe adds. Built once by main; the texts belong to the list.
 */
#pragma once

#include <stddef.h>

#include "config.h"
#include "monitor/prober.h"

struct strbuf;
struct watch_list;

struct watch_list_config {
    const struct config *config;
    const char *brokers; /* as the bus uses them */
    int http_port;       /* of this process */
};

/* 0, or -EINVAL with a line in ret_error that says which --probe is wrong and why. */
int watch_list_check(const struct config *config, struct strbuf *ret_error);

/* NULL with a line in ret_error when a --probe is wrong. */
struct watch_list *watch_list_new(const struct watch_list_config *config,
                                  struct strbuf *ret_error);
void watch_list_free(struct watch_list *list); /* accepts NULL */

const struct probe_config *watch_list_services(const struct watch_list *list,
                                               size_t *ret_count);
