/*
 * A client as the protocol's page describes it, for the model check: takes the
 * server's bytes in any portions, keeps a table per subscription, and says in
 * words what a server must never do.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/strbuf.h"

enum { MODEL_SUBS_MAX = 3, MODEL_WRONG_SIZE = 200 };

struct model_sub {
    bool used;
    bool confirmed;
    bool lost; /* waits for a snapshot */
    int64_t id;
    uint32_t tick;
    char *request;   /* the subscribe message's members, without the braces */
    json_t *table;   /* hex -> fields */
    json_t *parts;   /* of a snapshot under way */
    json_t *heard;   /* hex -> wall ms */
    json_t *located; /* hex -> wall ms */
};

struct model_client {
    struct strbuf in;
    bool welcome;
    bool closed;
    int close_code;
    char epoch[20];
    struct model_sub subs[MODEL_SUBS_MAX];
    char wrong[MODEL_WRONG_SIZE]; /* "" = nothing yet */
};

void model_client_init(struct model_client *c);
void model_client_release(struct model_client *c);

/* Bytes out of the connection. */
void model_client_take(struct model_client *c, const char *bytes, size_t n);

/* The connection is gone; half a message with it. */
void model_client_cut(struct model_client *c);

/* The subscription's table is forgotten: it waits for a snapshot. */
void model_sub_reset(struct model_sub *sub);

/* The oldest tick of its tables; 0 = there is none. */
uint32_t model_client_tick(const struct model_client *c);
