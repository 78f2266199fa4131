/*
 * The checks of a configuration that only the parts which will use it can make:
 * Kafka's properties, the Redis URL, the probes, the token file, the certificate.
 * They are made before anything starts, by --check as well. Main thread.
 */
#pragma once

struct config;
struct strbuf;

/*
 * 0, or -EINVAL with one line in ret_error that names the option where it was given.
 * Reads the files that are named; connects nowhere.
 */
int config_check(const struct config *config, struct strbuf *ret_error);
