/*
 * The health of every service as the server tells it, failing ones first. A
 * service that is not told any more stays with its age until the link starts
 * anew. Owned by the app; one thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_t;

enum service_status { SERVICE_FAIL, SERVICE_WARN, SERVICE_PASS };
enum { SERVICES_MAX = 256, SERVICE_TEXT_SIZE = 160, SERVICE_NEEDS_SIZE = 128 };

struct service {
    char name[64];
    enum service_status status;
    int64_t since_ms;  /* epoch; 0 = not said */
    double latency_ms; /* < 0 = unknown */
    char says[SERVICE_TEXT_SIZE];
    char needs[SERVICE_NEEDS_SIZE]; /* names, separated by ", " */
    int64_t heard_ms;               /* when the server told, its clock */
};

struct service_list {
    struct service *rows; /* NULL while empty */
    size_t count;
    bool told; /* the server has answered at all */
};

/*
 * Takes a `health` message: {"services":[{service,status,...}]} or one such
 * object as "service". Returns how many were understood. A member "heard" (epoch s)
 * is of what is kept for looking back: when it had been told.
 */
size_t service_list_take(struct service_list *list, const struct json_t *body,
                         int64_t now_ms);
void service_list_release(struct service_list *list);

/* The worst status of all; SERVICE_PASS when there is none. */
enum service_status service_list_worst(const struct service_list *list);

const struct service *service_list_find(const struct service_list *list,
                                        const char *name);

/*
 * The service that a failing one suffers from: follows what is failing among its
 * needs to the end. NULL when none of its needs fails.
 */
const struct service *service_list_cause(const struct service_list *list,
                                         const struct service *service);

const char *service_status_text(enum service_status status);
