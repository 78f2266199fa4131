/*
 * A client that speaks HTTP by hand over a blocking socket of 127.0.0.1, for the
 * tests of the web server: it sends any bytes, and reads answers whole.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ANSWER_HEAD_MAX = 16384, CLIENT_PATIENCE_S = 10 };

struct answer {
    int status; /* 0 = the server closed without a word */
    char head[ANSWER_HEAD_MAX];
    char *body; /* NUL-terminated; freed by the next read_answer into it */
    size_t body_len;
};

/* A connected socket, or the test fails. */
int client_connect(uint16_t port);

/* False when nobody listens. */
bool client_may_connect(uint16_t port);

/* Sends everything; a peer that has closed is no failure. */
void client_send(int fd, const char *bytes, size_t n);
void client_say(int fd, const char *text);

/* Reads one answer (without a body when head_only). */
void client_read(int fd, bool head_only, struct answer *ret_answer);

/* True when the server has closed (waits for it). */
bool client_closed(int fd);

/* Connects, asks, reads, closes. */
void client_ask(uint16_t port, const char *request, struct answer *ret_answer);

/* The value of a header of the answer up to its line end, or NULL. */
const char *answer_header(const struct answer *answer, const char *name);
bool answer_says(const struct answer *answer, const char *name, const char *value);
