/*
 * Where a Redis is and who we are there, read from
 *   redis://[USER@]HOST[:PORT][/DB][?password_file=FILE]
 *   rediss://... [&ca_file=FILE]                          (over TLS)
 * Passwords come from files only, so that no process list, log or printed
 * configuration shows one. A plain value; pure.
 */
#pragma once

#include <stdbool.h>

struct strbuf;

enum { REDIS_NAME_SIZE = 256, REDIS_PATH_SIZE = 1024 };

struct redis_url {
    bool tls;
    char host[REDIS_NAME_SIZE];
    int port;
    int db;
    char user[REDIS_NAME_SIZE];          /* "" = the default user */
    char password_file[REDIS_PATH_SIZE]; /* "" = no password */
    char ca_file[REDIS_PATH_SIZE];       /* "" = the system's */
};

/* 0, or -EINVAL with one line in ret_error. */
int redis_url_parse(const char *text, struct redis_url *ret_url,
                    struct strbuf *ret_error);
