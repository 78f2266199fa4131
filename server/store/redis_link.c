/*
 * Two lines of the same kind: one for commands, one for subscriptions (made when
 * the first channel is asked for; RESP2 allows nothing else on it). A line is
 * down (waiting for its back-off), opening, or up. One timer per line does the
 * connect time-out, the back-off and the watchdog, since a line is in one of
 * these states at a time.
 */
#include "store/redis_link.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "net/loop.h"
#include "store/redis_connection.h"
#include "store/redis_url.h"
#include "telemetry/health.h"
#include "telemetry/metrics.h"

enum {
    BACKOFF_MIN_MS = 100,
    BACKOFF_MAX_MS = 2000, /* right again within 5 s after it is back */
    PASSWORD_MAX = 1024,
    CALL_ARGS_MAX = 8,
    CHANNEL_SIZE = 64,
    COMMAND_SIZE = 64,
    ERROR_SHOWN = 120,
    COMPLAINT_SIZE = 256,
    COMPLAINT_MS = 3000 /* a complaint of Redis is shown this long */
};

struct line {
    struct redis_link *link;
    struct redis_connection *connection;
    struct loop_timer *timer;
    struct backoff backoff;
    bool for_messages;
    bool up;
    bool told_down; /* the log knows */
};

struct listener {
    struct redis_events events;
    void *data;
};

/* A command under way; in a list, so that its asker can be forgotten. */
struct command {
    struct redis_link *link;
    redis_reply_fn fn; /* NULL = nobody wants the answer */
    void *data;
    char what[COMMAND_SIZE]; /* "HSET flightdash:v1:flights" */
    struct command *prev;
    struct command *next;
};

struct redis_link {
    struct loop *loop;
    struct metrics *metrics;
    struct health_board *board;
    struct redis_url url;
    struct line commands;
    struct line messages;
    struct listener listeners[REDIS_LISTENERS_MAX];
    size_t listener_count;
    char channels[REDIS_CHANNELS_MAX][CHANNEL_SIZE];
    size_t channel_count;
    int64_t pinged_at_ms;           /* when the PING under way was sent; 0 = none */
    char complaint[COMPLAINT_SIZE]; /* "" = none */
    char reason[COMPLAINT_SIZE];    /* Redis' own words of it */
    int64_t complained_at_ms;
    struct command *under_way;
};

static void open_line(struct line *line);

static void count_one(struct redis_link *link, enum metric_id id)
{
    if (link->metrics != NULL)
        metrics_add(link->metrics, id, 1);
}

/* -- Going down ------------------------------------------------------------- */

static void schedule_reopen(struct line *line)
{
    loop_timer_arm(line->timer, backoff_next_ms(&line->backoff));
}

static void tell_down(struct line *line, const char *reason)
{
    struct redis_link *link = line->link;
    if (!line->told_down)
        log_warn("redis", "%s:%d: %s", link->url.host, link->url.port, reason);
    line->told_down = true;
    health_set(link->board, "redis", HEALTH_FAIL, HEALTH_NO_LATENCY, "%s", reason);
}

static void close_line(struct line *line, const char *reason)
{
    struct redis_link *link = line->link;
    struct redis_connection *connection = line->connection;
    char kept[COMPLAINT_SIZE];
    snprintf(kept, sizeof kept, "%s", reason); /* may be the connection's own */
    bool was_up = line->up;
    line->up = false;
    line->connection = NULL;
    redis_connection_free(connection);
    tell_down(line, kept);
    schedule_reopen(line);
    if (!was_up || line->for_messages)
        return;
    link->pinged_at_ms = 0;
    for (size_t i = 0; i < link->listener_count; i++) {
        if (link->listeners[i].events.on_down != NULL)
            link->listeners[i].events.on_down(link->listeners[i].data);
    }
}

static void on_close(void *data, const char *reason)
{
    close_line(data, reason);
}

/* -- The watchdog ----------------------------------------------------------- */

/* Another link of this process is refused what this one does not ask for. */
static bool is_complained_of(const struct redis_link *link)
{
    struct health_entry entry;
    return link->board != NULL && health_find(link->board, "redis", &entry) &&
           entry.status == HEALTH_WARN &&
           clock_wall_ms() - entry.checked_ms < COMPLAINT_MS;
}

static void on_pong(void *data, const struct redis_reply *reply)
{
    struct redis_link *link = data;
    if (reply == NULL || link->pinged_at_ms == 0)
        return;
    int64_t now_ms = clock_mono_ms();
    int64_t took_ms = now_ms - link->pinged_at_ms;
    link->pinged_at_ms = 0;
    bool forgiven =
        link->complaint[0] != '\0' && now_ms - link->complained_at_ms >= COMPLAINT_MS;
    if (forgiven) {
        link->complaint[0] = link->reason[0] = '\0';
        log_info("redis", "%s:%d takes our commands again", link->url.host,
                 link->url.port);
    }
    if (link->complaint[0] != '\0')
        health_set(link->board, "redis", HEALTH_WARN, took_ms, "%s", link->complaint);
    else if (took_ms > REDIS_SLOW_MS)
        health_set(link->board, "redis", HEALTH_WARN, took_ms, "slow");
    else if (forgiven || !is_complained_of(link))
        health_pass(link->board, "redis", took_ms);
}

static void ping(struct line *line)
{
    static const struct redis_arg args[] = {{.data = "PING", .len = 4}};
    struct redis_link *link = line->link;
    if (line->for_messages) {
        redis_connection_send_push(line->connection, args, 1);
    } else if (link->pinged_at_ms == 0 &&
               redis_connection_send(line->connection, args, 1, on_pong, link) == 0) {
        link->pinged_at_ms = clock_mono_ms();
    }
}

static void watch_line(struct line *line)
{
    int64_t silent_ms =
        loop_now_ms(line->link->loop) - redis_connection_heard_at_ms(line->connection);
    if (silent_ms > REDIS_HUNG_MS) {
        close_line(line, "no answer");
        return;
    }
    ping(line);
    loop_timer_arm(line->timer, REDIS_WATCHDOG_MS);
}

static void on_line_timer(void *data)
{
    struct line *line = data;
    if (line->connection == NULL)
        open_line(line);
    else if (line->up)
        watch_line(line);
    else
        close_line(line, "no answer while connecting");
}

/* -- Coming up -------------------------------------------------------------- */

static void subscribe_all(struct line *line)
{
    struct redis_link *link = line->link;
    struct redis_arg args[REDIS_CHANNELS_MAX + 1] = {{.data = "SUBSCRIBE", .len = 9}};
    for (size_t i = 0; i < link->channel_count; i++)
        args[i + 1] = (struct redis_arg){.data = link->channels[i],
                                         .len = strlen(link->channels[i])};
    redis_connection_send_push(line->connection, args, link->channel_count + 1);
}

static void come_up(struct line *line)
{
    struct redis_link *link = line->link;
    line->up = true;
    backoff_reset(&line->backoff);
    loop_timer_arm(line->timer, REDIS_WATCHDOG_MS);
    if (line->told_down)
        log_info("redis", "%s:%d is back", link->url.host, link->url.port);
    line->told_down = false;
    if (line->for_messages) {
        subscribe_all(line);
        return;
    }
    count_one(link, METRIC_REDIS_CONNECTS);
    ping(line);
    for (size_t i = 0; i < link->listener_count; i++) {
        if (link->listeners[i].events.on_up != NULL)
            link->listeners[i].events.on_up(link->listeners[i].data);
    }
}

/* The answers to AUTH and SELECT: only a refusal matters. */
static void on_greeting(void *data, const struct redis_reply *reply)
{
    struct line *line = data;
    if (reply != NULL && redis_reply_kind(reply) == REDIS_REPLY_IS_FAILURE &&
        line->connection != NULL)
        redis_connection_fail(line->connection, redis_reply_text(reply, NULL));
}

/* The answer to the first PING: the server serves us. */
static void on_hello(void *data, const struct redis_reply *reply)
{
    struct line *line = data;
    on_greeting(line, reply);
    if (reply != NULL && redis_reply_kind(reply) != REDIS_REPLY_IS_FAILURE)
        come_up(line);
}

/* The password, read anew each time so that it can be changed; false: reported. */
static bool read_password(struct line *line, char ret_password[PASSWORD_MAX])
{
    const char *path = line->link->url.password_file;
    FILE *file = fopen(path, "re");
    size_t n = file != NULL ? fread(ret_password, 1, PASSWORD_MAX - 1, file) : 0;
    if (file != NULL)
        fclose(file);
    ret_password[n] = '\0';
    ret_password[strcspn(ret_password, "\r\n")] = '\0';
    if (ret_password[0] != '\0')
        return true;
    char reason[COMPLAINT_SIZE];
    snprintf(reason, sizeof reason, "cannot read the password file %.80s", path);
    redis_connection_fail(line->connection, reason);
    return false;
}

static bool authenticate(struct line *line)
{
    const char *user = line->link->url.user;
    char password[PASSWORD_MAX];
    if (line->link->url.password_file[0] == '\0')
        return true;
    if (!read_password(line, password))
        return false;
    struct redis_arg args[3] = {{.data = "AUTH", .len = 4}};
    size_t n = 1;
    if (user[0] != '\0')
        args[n++] = (struct redis_arg){.data = user, .len = strlen(user)};
    args[n++] = (struct redis_arg){.data = password, .len = strlen(password)};
    redis_connection_send(line->connection, args, n, on_greeting, line);
    explicit_bzero(password, sizeof password);
    return true;
}

static void on_open(void *data)
{
    static const struct redis_arg hello[] = {{.data = "PING", .len = 4}};
    struct line *line = data;
    char db[16];
    if (!authenticate(line))
        return;
    snprintf(db, sizeof db, "%d", line->link->url.db);
    const struct redis_arg select[] = {{.data = "SELECT", .len = 6},
                                       {.data = db, .len = strlen(db)}};
    if (line->link->url.db != 0)
        redis_connection_send(line->connection, select, 2, on_greeting, line);
    redis_connection_send(line->connection, hello, 1, on_hello, line);
}

/* -- Messages --------------------------------------------------------------- */

static void tell_message(struct redis_link *link, const struct redis_reply *reply)
{
    size_t len;
    const char *channel = redis_reply_text(redis_reply_at(reply, 1), NULL);
    const char *text = redis_reply_text(redis_reply_at(reply, 2), &len);
    for (size_t i = 0; i < link->listener_count; i++) {
        if (link->listeners[i].events.on_message != NULL)
            link->listeners[i].events.on_message(link->listeners[i].data, channel, text,
                                                 len);
    }
}

static void tell_subscribed(struct redis_link *link)
{
    for (size_t i = 0; i < link->listener_count; i++) {
        if (link->listeners[i].events.on_subscribed != NULL)
            link->listeners[i].events.on_subscribed(link->listeners[i].data);
    }
}

static void on_push(void *data, const struct redis_reply *reply)
{
    struct line *line = data;
    const char *kind = redis_reply_text(redis_reply_at(reply, 0), NULL);
    if (redis_reply_kind(reply) == REDIS_REPLY_IS_FAILURE)
        redis_connection_fail(line->connection, redis_reply_text(reply, NULL));
    else if (strcmp(kind, "message") == 0)
        tell_message(line->link, reply);
    else if (strcmp(kind, "subscribe") == 0 &&
             redis_reply_int(redis_reply_at(reply, 2)) ==
                 (int64_t)line->link->channel_count)
        tell_subscribed(line->link);
}

/* -- Life ------------------------------------------------------------------- */

static void open_line(struct line *line)
{
    static const struct redis_connection_events events = {
        .on_open = on_open, .on_close = on_close, .on_push = on_push};
    struct strbuf error;
    strbuf_init(&error, COMPLAINT_SIZE);
    line->connection = redis_connection_open(&line->link->url, line->link->loop,
                                             &events, line, &error);
    if (line->connection == NULL) {
        tell_down(line, strbuf_text(&error));
        schedule_reopen(line);
    } else {
        loop_timer_arm(line->timer, REDIS_CONNECT_TIMEOUT_MS);
    }
    strbuf_release(&error);
}

static void init_line(struct line *line, struct redis_link *link, bool for_messages)
{
    line->link = link;
    line->for_messages = for_messages;
    line->timer = loop_timer_new(link->loop, on_line_timer, line);
    backoff_init(&line->backoff, BACKOFF_MIN_MS, BACKOFF_MAX_MS,
                 (uint64_t)clock_mono_ns());
}

static int parse_url(const char *text, struct redis_url *ret_url,
                     struct strbuf *ret_error)
{
    struct redis_url url;
    if (redis_url_parse(text, &url, ret_error) != 0)
        return -EINVAL;
    if (url.tls && !redis_connection_has_tls()) {
        strbuf_add_text(ret_error,
                        "Redis URL: rediss:// needs a hiredis with TLS (1.0 or "
                        "newer, built with it); use redis:// through a local "
                        "TLS tunnel such as stunnel");
        return -EINVAL;
    }
    *ret_url = url;
    return 0;
}

int redis_url_check(const char *url, struct strbuf *ret_error)
{
    struct redis_url ignored;
    return parse_url(url, &ignored, ret_error);
}

struct redis_link *redis_link_new(const char *url, struct loop *loop,
                                  struct metrics *metrics, struct health_board *board,
                                  struct strbuf *ret_error)
{
    struct redis_link *link = xcalloc(1, sizeof *link);
    if (parse_url(url, &link->url, ret_error) != 0) {
        free(link);
        return NULL;
    }
    link->loop = loop;
    link->metrics = metrics;
    link->board = board;
    init_line(&link->commands, link, false);
    init_line(&link->messages, link, true);
    loop_timer_arm(link->commands.timer, 0);
    return link;
}

void redis_link_free(struct redis_link *link)
{
    if (link == NULL)
        return;
    link->listener_count = 0;
    link->commands.up = false;
    redis_connection_free(link->commands.connection);
    redis_connection_free(link->messages.connection);
    loop_timer_free(link->commands.timer);
    loop_timer_free(link->messages.timer);
    free(link);
}

void redis_link_listen(struct redis_link *link, const struct redis_events *events,
                       void *data)
{
    size_t i = 0;
    while (i < link->listener_count && link->listeners[i].data != NULL)
        i++;
    if (i == REDIS_LISTENERS_MAX) {
        log_error("redis", "too many listeners");
        return;
    }
    link->listeners[i] = (struct listener){.events = *events, .data = data};
    link->listener_count = MAX_OF(link->listener_count, i + 1);
    if (link->commands.up && events->on_up != NULL)
        events->on_up(data);
}

void redis_link_unlisten(struct redis_link *link, const void *data)
{
    for (size_t i = 0; i < link->listener_count; i++) {
        if (link->listeners[i].data == data)
            link->listeners[i] = (struct listener){.data = NULL};
    }
    for (struct command *c = link->under_way; c != NULL; c = c->next) {
        if (c->data == data)
            c->fn = NULL;
    }
}

void redis_link_subscribe(struct redis_link *link, const char *channel)
{
    if (link->channel_count == REDIS_CHANNELS_MAX) {
        log_error("redis", "too many channels");
        return;
    }
    snprintf(link->channels[link->channel_count++], CHANNEL_SIZE, "%s", channel);
    if (link->messages.up)
        subscribe_all(&link->messages);
    else if (link->channel_count == 1)
        loop_timer_arm(link->messages.timer, 0);
}

struct loop *redis_link_loop(const struct redis_link *link)
{
    return link->loop;
}

bool redis_link_up(const struct redis_link *link)
{
    return link->commands.up;
}

/* -- Commands --------------------------------------------------------------- */

/* What to do about an error, by its first word (redis.io, "Redis serialization
 * protocol", simple errors). */
static const char *advice_for(const char *error)
{
    static const struct {
        const char *word;
        const char *advice;
    } rows[] = {
        {"READONLY ", "; name the master with --redis"},
        {"OOM ", "; raise its maxmemory"},
        {"MISCONF ", "; it cannot save to its disk"},
        {"WRONGTYPE ", "; another program has taken the key"},
        {"NOPERM ", "; its user needs +@all ~flightdash:* &flightdash:*"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strncmp(error, rows[i].word, strlen(rows[i].word)) == 0)
            return rows[i].advice;
    }
    return "";
}

/* Remembers what Redis itself complains of: read-only, out of memory, loading. */
static void note_complaint(struct command *command, const struct redis_reply *reply)
{
    struct redis_link *link = command->link;
    if (reply == NULL || redis_reply_kind(reply) != REDIS_REPLY_IS_FAILURE)
        return;
    const char *error = redis_reply_text(reply, NULL);
    count_one(link, METRIC_REDIS_ERRORS);
    link->complained_at_ms = clock_mono_ms();
    snprintf(link->complaint, sizeof link->complaint, "%s: %.*s%s", command->what,
             ERROR_SHOWN, error, advice_for(error));
    if (strncmp(link->reason, error, sizeof link->reason - 1) != 0)
        log_warn("redis", "%s", link->complaint);
    snprintf(link->reason, sizeof link->reason, "%s", error);
    health_set(link->board, "redis", HEALTH_WARN, HEALTH_NO_LATENCY, "%s",
               link->complaint);
}

/* The command and its key: the rest is data. */
static void name_command(struct command *command, const struct redis_arg *args,
                         size_t count)
{
    snprintf(command->what, sizeof command->what, "%.*s%s%.*s", (int)args[0].len,
             args[0].data, count > 1 ? " " : "", count > 1 ? (int)args[1].len : 0,
             count > 1 ? args[1].data : "");
}

static void add_command(struct redis_link *link, struct command *command)
{
    command->next = link->under_way;
    if (link->under_way != NULL)
        link->under_way->prev = command;
    link->under_way = command;
}

static void remove_command(struct command *command)
{
    if (command->prev != NULL)
        command->prev->next = command->next;
    else
        command->link->under_way = command->next;
    if (command->next != NULL)
        command->next->prev = command->prev;
    free(command);
}

static void on_answer(void *data, const struct redis_reply *reply)
{
    struct command *command = data;
    note_complaint(command, reply);
    if (command->fn != NULL)
        command->fn(command->data, reply);
    remove_command(command);
}

int redis_link_command(struct redis_link *link, const struct redis_arg *args,
                       size_t count, redis_reply_fn fn, void *data)
{
    if (!link->commands.up)
        return -ENOTCONN;
    struct command *command = xcalloc(1, sizeof *command);
    *command = (struct command){.link = link, .fn = fn, .data = data};
    name_command(command, args, count);
    add_command(link, command);
    int rc = redis_connection_send(link->commands.connection, args, count, on_answer,
                                   command);
    if (rc != 0)
        remove_command(command);
    count_one(link, rc == 0 ? METRIC_REDIS_COMMANDS : METRIC_REDIS_DROPPED);
    return rc;
}

int redis_link_call(struct redis_link *link, redis_reply_fn fn, void *data,
                    const char *first, ...)
{
    struct redis_arg args[CALL_ARGS_MAX] = {{.data = first}};
    size_t n = 0;
    va_list rest;
    va_start(rest, first);
    for (const char *text = first; text != NULL && n < CALL_ARGS_MAX;
         text = va_arg(rest, const char *))
        args[n++] = (struct redis_arg){.data = text, .len = strlen(text)};
    va_end(rest);
    return redis_link_command(link, args, n, fn, data);
}
