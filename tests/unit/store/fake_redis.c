#include "fake_redis.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "net/loop.h"

enum { CLIENTS = 8, ARGS = 2048, INPUT_MAX = 4 << 20, SCAN_STEP = 100, EVENTS = 64 };

struct cell {
    char *key;
    char *field; /* "" for a plain key */
    char *value;
};

struct client {
    struct fake_redis *redis;
    int fd; /* -1 = free */
    struct loop_fd *watch;
    struct strbuf input;
    bool subscribed;
    bool known;
};

struct fake_redis {
    struct loop *loop;
    int listen_fd;
    int port;
    char url[64];
    struct loop_fd *watch;
    struct client clients[CLIENTS];
    struct cell *cells;
    size_t cell_count;
    char published[EVENTS][64];
    size_t published_count;
    bool hang;
    bool read_only;
    char password[64];
};

/* -- What is stored ---------------------------------------------------------- */

static struct cell *find(const struct fake_redis *r, const char *key, const char *field)
{
    for (size_t i = 0; i < r->cell_count; i++) {
        if (strcmp(r->cells[i].key, key) == 0 && strcmp(r->cells[i].field, field) == 0)
            return &r->cells[i];
    }
    return NULL;
}

static void drop(struct fake_redis *r, struct cell *cell)
{
    free(cell->key);
    free(cell->field);
    free(cell->value);
    *cell = r->cells[--r->cell_count];
}

void fake_redis_hset(struct fake_redis *r, const char *key, const char *field,
                     const char *value)
{
    struct cell *cell = find(r, key, field);
    if (cell == NULL) {
        r->cells = xreallocarray(r->cells, r->cell_count + 1, sizeof *r->cells);
        cell = &r->cells[r->cell_count++];
        *cell = (struct cell){.key = xstrdup(key), .field = xstrdup(field)};
    }
    char *copy = xstrdup(value);
    free(cell->value);
    cell->value = copy;
}

const char *fake_redis_hget(const struct fake_redis *r, const char *key,
                            const char *field)
{
    const struct cell *cell = find(r, key, field);
    return cell != NULL ? cell->value : NULL;
}

size_t fake_redis_hlen(const struct fake_redis *r, const char *key)
{
    size_t n = 0;
    for (size_t i = 0; i < r->cell_count; i++)
        n += strcmp(r->cells[i].key, key) == 0;
    return n;
}

void fake_redis_flush(struct fake_redis *r)
{
    for (size_t i = 0; i < r->cell_count; i++) {
        free(r->cells[i].key);
        free(r->cells[i].field);
        free(r->cells[i].value);
    }
    r->cell_count = 0;
}

/* -- Answers ----------------------------------------------------------------- */

static void say(struct client *c, const char *text, size_t len)
{
    if (!c->redis->hang && write(c->fd, text, len) != (ssize_t)len)
        perror("fake_redis");
}

static void say_text(struct client *c, const char *text)
{
    say(c, text, strlen(text));
}

static void say_int(struct client *c, size_t n)
{
    char text[32];
    snprintf(text, sizeof text, ":%zu\r\n", n);
    say_text(c, text);
}

static void add_bulk(struct strbuf *out, const char *text)
{
    strbuf_addf(out, "$%zu\r\n%s\r\n", strlen(text), text);
}

static void say_bulk(struct client *c, const char *text)
{
    struct strbuf out;
    strbuf_init(&out, INPUT_MAX);
    if (text != NULL)
        add_bulk(&out, text);
    say_text(c, text != NULL ? strbuf_text(&out) : "$-1\r\n");
    strbuf_release(&out);
}

/* Field, value, field, value ... of the key's cells from..to. */
static void add_pairs(struct strbuf *out, const struct fake_redis *r, const char *key,
                      size_t from, size_t to)
{
    size_t n = fake_redis_hlen(r, key);
    size_t nth = 0;
    to = to < n ? to : n;
    strbuf_addf(out, "*%zu\r\n", 2 * (to - from));
    for (size_t i = 0; i < r->cell_count; i++) {
        if (strcmp(r->cells[i].key, key) != 0)
            continue;
        if (nth >= from && nth < to) {
            add_bulk(out, r->cells[i].field);
            add_bulk(out, r->cells[i].value);
        }
        nth++;
    }
}

static void say_scan(struct client *c, const char *key, size_t from)
{
    char cursor[32];
    struct strbuf out;
    size_t n = fake_redis_hlen(c->redis, key);
    size_t next = from + SCAN_STEP < n ? from + SCAN_STEP : 0;
    strbuf_init(&out, INPUT_MAX);
    snprintf(cursor, sizeof cursor, "%zu", next);
    strbuf_add_text(&out, "*2\r\n");
    add_bulk(&out, cursor);
    add_pairs(&out, c->redis, key, from < n ? from : n, from + SCAN_STEP);
    say_text(c, strbuf_text(&out));
    strbuf_release(&out);
}

static void say_all(struct client *c, const char *key)
{
    struct strbuf out;
    strbuf_init(&out, INPUT_MAX);
    add_pairs(&out, c->redis, key, 0, SIZE_MAX);
    say_text(c, strbuf_text(&out));
    strbuf_release(&out);
}

void fake_redis_publish(struct fake_redis *r, const char *channel, const char *text)
{
    struct strbuf out;
    strbuf_init(&out, INPUT_MAX);
    strbuf_add_text(&out, "*3\r\n$7\r\nmessage\r\n");
    add_bulk(&out, channel);
    add_bulk(&out, text);
    for (size_t i = 0; i < CLIENTS; i++) {
        if (r->clients[i].fd >= 0 && r->clients[i].subscribed)
            say_text(&r->clients[i], strbuf_text(&out));
    }
    strbuf_release(&out);
    if (r->published_count < EVENTS)
        snprintf(r->published[r->published_count++], sizeof r->published[0], "%s",
                 channel);
}

size_t fake_redis_published(const struct fake_redis *r, const char *channel)
{
    size_t n = 0;
    for (size_t i = 0; i < r->published_count; i++)
        n += strcmp(r->published[i], channel) == 0;
    return n;
}

/* -- Commands ---------------------------------------------------------------- */

static void subscribe(struct client *c, char **args, size_t n)
{
    struct strbuf out;
    strbuf_init(&out, INPUT_MAX);
    c->subscribed = true;
    for (size_t i = 1; i < n; i++) {
        strbuf_add_text(&out, "*3\r\n$9\r\nsubscribe\r\n");
        add_bulk(&out, args[i]);
        strbuf_addf(&out, ":%zu\r\n", i);
    }
    say_text(c, strbuf_text(&out));
    strbuf_release(&out);
}

static void write_command(struct client *c, char **args, size_t n)
{
    struct fake_redis *r = c->redis;
    size_t removed = 0;
    if (r->read_only) {
        say_text(c, "-READONLY You can't write against a read only replica.\r\n");
    } else if (strcmp(args[0], "HSET") == 0) {
        for (size_t i = 2; i + 1 < n; i += 2)
            fake_redis_hset(r, args[1], args[i], args[i + 1]);
        say_int(c, (n - 2) / 2);
    } else if (strcmp(args[0], "SET") == 0 || strcmp(args[0], "SETEX") == 0) {
        fake_redis_hset(r, args[1], "", args[strcmp(args[0], "SET") == 0 ? 2 : 3]);
        say_text(c, "+OK\r\n");
    } else if (strcmp(args[0], "HDEL") == 0) {
        for (size_t i = 2; i < n; i++) {
            struct cell *cell = find(r, args[1], args[i]);
            removed += cell != NULL;
            if (cell != NULL)
                drop(r, cell);
        }
        say_int(c, removed);
    } else {
        say_int(c, find(r, args[1], "") != NULL); /* EXPIRE */
    }
}

static void read_command(struct client *c, char **args, size_t n)
{
    struct fake_redis *r = c->redis;
    if (strcmp(args[0], "HGET") == 0)
        say_bulk(c, fake_redis_hget(r, args[1], args[2]));
    else if (strcmp(args[0], "GET") == 0)
        say_bulk(c, fake_redis_hget(r, args[1], ""));
    else if (strcmp(args[0], "HLEN") == 0)
        say_int(c, fake_redis_hlen(r, args[1]));
    else if (strcmp(args[0], "HSCAN") == 0)
        say_scan(c, args[1], strtoul(args[2], NULL, 10));
    else if (strcmp(args[0], "HGETALL") == 0)
        say_all(c, args[1]);
    else if (strcmp(args[0], "SUBSCRIBE") == 0)
        subscribe(c, args, n);
    else
        say_text(c, "-ERR unknown command\r\n");
}

static void obey(struct client *c, char **args, size_t n)
{
    static const char *const writing[] = {"HSET", "SET", "SETEX", "HDEL", "EXPIRE"};
    struct fake_redis *r = c->redis;
    if (strcmp(args[0], "AUTH") == 0) {
        c->known = strcmp(args[n - 1], r->password) == 0;
        say_text(c, c->known ? "+OK\r\n" : "-WRONGPASS invalid password\r\n");
        return;
    }
    if (r->password[0] != '\0' && !c->known) {
        say_text(c, "-NOAUTH Authentication required.\r\n");
        return;
    }
    if (strcmp(args[0], "PING") == 0) {
        say_text(c, c->subscribed ? "*2\r\n$4\r\npong\r\n$0\r\n\r\n" : "+PONG\r\n");
        return;
    }
    if (strcmp(args[0], "SELECT") == 0) {
        say_text(c, "+OK\r\n");
        return;
    }
    if (strcmp(args[0], "PUBLISH") == 0) {
        fake_redis_publish(r, args[1], args[2]);
        say_int(c, 1);
        return;
    }
    for (size_t i = 0; i < sizeof writing / sizeof writing[0]; i++) {
        if (strcmp(args[0], writing[i]) == 0) {
            write_command(c, args, n);
            return;
        }
    }
    read_command(c, args, n);
}

/* Takes one whole command off the input; false when there is none. */
static bool take_command(struct client *c)
{
    static char *args[ARGS];
    char *text = c->input.data;
    char *end = text + c->input.len;
    char *line = c->input.len > 0 ? memchr(text, '\n', c->input.len) : NULL;
    if (line == NULL)
        return false;
    size_t n = strtoul(text + 1, NULL, 10);
    char *at = line + 1;
    for (size_t i = 0; i < n; i++) {
        line = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
        size_t len = line != NULL ? strtoul(at + 1, NULL, 10) : 0;
        if (line == NULL || (size_t)(end - line) < len + 3)
            return false;
        args[i] = line + 1;
        at = line + 1 + len + 2;
    }
    for (size_t i = 0; i < n; i++)
        args[i][strcspn(args[i], "\r")] = '\0';
    size_t used = (size_t)(at - text);
    obey(c, args, n);
    memmove(c->input.data, c->input.data + used, c->input.len - used);
    strbuf_truncate(&c->input, c->input.len - used);
    return true;
}

/* -- Connections ------------------------------------------------------------- */

static void hang_up(struct client *c)
{
    loop_fd_free(c->watch);
    close(c->fd);
    strbuf_release(&c->input);
    c->fd = -1;
}

static void on_input(void *data, int fd, unsigned events)
{
    static char bytes[65536];
    struct client *c = data;
    (void)events;
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n <= 0) {
        hang_up(c);
        return;
    }
    strbuf_add(&c->input, bytes, (size_t)n);
    while (take_command(c))
        ;
}

static void on_connect(void *data, int fd, unsigned events)
{
    struct fake_redis *r = data;
    (void)events;
    int client = accept(fd, NULL, NULL);
    for (size_t i = 0; client >= 0 && i < CLIENTS; i++) {
        struct client *c = &r->clients[i];
        if (c->fd >= 0)
            continue;
        *c = (struct client){.redis = r, .fd = client};
        strbuf_init(&c->input, INPUT_MAX);
        c->watch = loop_watch_fd(r->loop, client, LOOP_READABLE, on_input, c);
        return;
    }
    close(client);
}

void fake_redis_start(struct fake_redis *r)
{
    const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)r->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    r->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(r->listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(r->listen_fd, (struct sockaddr *)&address, size) != 0 ||
        listen(r->listen_fd, CLIENTS) != 0)
        abort();
    getsockname(r->listen_fd, (struct sockaddr *)&address, &size);
    r->port = ntohs(address.sin_port);
    snprintf(r->url, sizeof r->url, "redis://127.0.0.1:%d", r->port);
    r->watch = loop_watch_fd(r->loop, r->listen_fd, LOOP_READABLE, on_connect, r);
}

void fake_redis_stop(struct fake_redis *r)
{
    if (r->listen_fd < 0)
        return;
    loop_fd_free(r->watch);
    close(r->listen_fd);
    r->listen_fd = -1;
    for (size_t i = 0; i < CLIENTS; i++) {
        if (r->clients[i].fd >= 0)
            hang_up(&r->clients[i]);
    }
}

struct fake_redis *fake_redis_new(struct loop *loop)
{
    struct fake_redis *r = xcalloc(1, sizeof *r);
    r->loop = loop;
    for (size_t i = 0; i < CLIENTS; i++)
        r->clients[i].fd = -1;
    fake_redis_start(r);
    return r;
}

void fake_redis_free(struct fake_redis *r)
{
    fake_redis_stop(r);
    fake_redis_flush(r);
    free(r->cells);
    free(r);
}

const char *fake_redis_url(const struct fake_redis *r)
{
    return r->url;
}

void fake_redis_hang(struct fake_redis *r, bool hang)
{
    r->hang = hang;
}

void fake_redis_read_only(struct fake_redis *r, bool on)
{
    r->read_only = on;
}

void fake_redis_password(struct fake_redis *r, const char *password)
{
    snprintf(r->password, sizeof r->password, "%s", password);
}
