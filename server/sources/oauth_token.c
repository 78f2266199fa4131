#include "sources/oauth_token.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "net/http_client.h"
#include "sources/json_cursor.h"
#include "sources/poller.h"

enum {
    FORM_MAX = 8192,
    ANSWER_MAX = 65536,
    TOKEN_MAX = 16384,
    SECRET_MAX = 2048,
    DEFAULT_LIFE_S = 300,
    TIMEOUT_MS = 15000,
    TEXT_MAX = 400,
    LONG_TEXT_MAX = 800
};

struct oauth_token {
    struct oauth_config config;
    char *url;
    char *id_file;
    char *secret_file;
    char *ca_file;
    struct http_call *call;
    oauth_fn done;
    void *data;
    char *token;
    int64_t ends_ms; /* monotonic; a tenth of its life early */
};

struct oauth_token *oauth_token_new(const struct oauth_config *config)
{
    struct oauth_token *t = xcalloc(1, sizeof *t);
    t->config = *config;
    t->url = xstrdup(config->url);
    t->id_file = xstrdup(config->id_file);
    t->secret_file = xstrdup(config->secret_file);
    t->ca_file = config->ca_file != NULL ? xstrdup(config->ca_file) : NULL;
    return t;
}

void oauth_token_drop(struct oauth_token *t)
{
    free(t->token);
    t->token = NULL;
}

void oauth_token_free(struct oauth_token *t)
{
    if (t == NULL)
        return;
    http_call_cancel(t->call);
    oauth_token_drop(t);
    free(t->url);
    free(t->id_file);
    free(t->secret_file);
    free(t->ca_file);
    free(t);
}

const char *oauth_token_get(const struct oauth_token *t, int64_t now_ms)
{
    return t->token != NULL && now_ms < t->ends_ms ? t->token : NULL;
}

bool oauth_read_file(const char *path, char **ret_text, struct strbuf *ret_error)
{
    char line[SECRET_MAX];
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        strbuf_addf(ret_error, "%s: %s", path, strerror(errno));
        return false;
    }
    bool good = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    if (good)
        line[strcspn(line, "\r\n")] = '\0';
    if (!good || line[0] == '\0') {
        strbuf_addf(ret_error, "%s: its first line is empty", path);
        return false;
    }
    *ret_text = xstrdup(line);
    return true;
}

static void answer(struct oauth_token *t, const struct oauth_answer *result)
{
    t->done(t->data, result);
}

static void fail(struct oauth_token *t, enum source_trouble trouble, const char *what,
                 int64_t retry_after_ms)
{
    struct strbuf text;
    strbuf_init(&text, LONG_TEXT_MAX);
    strbuf_addf(&text, "no access token: %s", what);
    const struct oauth_answer result = {.trouble = trouble,
                                        .text = strbuf_text(&text),
                                        .retry_after_ms = retry_after_ms};
    answer(t, &result);
    strbuf_release(&text);
}

/* {"access_token":"...","expires_in":1800,...}; false when it is not that. */
static bool read_token(struct oauth_token *t, const struct http_result *result)
{
    size_t error_at;
    struct json_slice value;
    struct json_slice token;
    double life_s = DEFAULT_LIFE_S;
    if (!json_cursor_check(result->body, result->body_len, &error_at))
        return false;
    struct json_slice top = json_slice_trim(result->body, result->body_len);
    if (!json_slice_find(top, "access_token", &value) ||
        !json_slice_string(value, &token) || token.len == 0 || token.len > TOKEN_MAX)
        return false;
    if (json_slice_find(top, "expires_in", &value))
        json_slice_number(value, &life_s);
    life_s = life_s > 1 && life_s < 1e6 ? life_s : DEFAULT_LIFE_S;
    oauth_token_drop(t);
    t->token = xstrndup(token.at, token.len);
    t->ends_ms = clock_mono_ms() + (int64_t)(life_s * 900);
    return true;
}

static void fetched(void *data, const struct http_result *result)
{
    struct oauth_token *t = data;
    struct strbuf text;
    t->call = NULL;
    if (result->error == 0 && result->status == 200 && read_token(t, result)) {
        const struct oauth_answer good = {.token = t->token};
        answer(t, &good);
        return;
    }
    strbuf_init(&text, TEXT_MAX);
    enum source_trouble trouble = SOURCE_TROUBLE_BAD_DOCUMENT;
    if (result->error != 0 || result->status != 200)
        trouble = poller_explain(result, &text);
    else
        strbuf_add_text(&text, "the answer holds none");
    if (result->status == 400) /* RFC 6749, 5.2: so are wrong credentials told */
        trouble = SOURCE_TROUBLE_UNAUTHORIZED;
    fail(t, trouble, strbuf_text(&text), result->retry_after_ms);
    strbuf_release(&text);
}

static void post(struct oauth_token *t, const char *id, const char *secret)
{
    static const char *const headers[] = {
        "Content-Type: application/x-www-form-urlencoded", "Accept: application/json",
        NULL};
    struct strbuf form;
    char *id_text = http_escape(id);
    char *secret_text = http_escape(secret);
    strbuf_init(&form, FORM_MAX);
    strbuf_addf(&form, "grant_type=client_credentials&client_id=%s&client_secret=%s",
                id_text, secret_text);
    const struct http_request request = {.url = t->url,
                                         .headers = headers,
                                         .body = strbuf_text(&form),
                                         .body_len = form.len,
                                         .ca_file = t->ca_file,
                                         .timeout_ms = TIMEOUT_MS,
                                         .max_body = ANSWER_MAX};
    t->call = http_client_start(t->config.http, &request, fetched, t);
    strbuf_release(&form);
    free(id_text);
    free(secret_text);
}

void oauth_token_fetch(struct oauth_token *t, oauth_fn done, void *data)
{
    struct strbuf error;
    char *id = NULL;
    char *secret = NULL;
    t->done = done;
    t->data = data;
    strbuf_init(&error, TEXT_MAX);
    if (oauth_read_file(t->id_file, &id, &error) &&
        oauth_read_file(t->secret_file, &secret, &error))
        post(t, id, secret);
    else
        fail(t, SOURCE_TROUBLE_FILE, strbuf_text(&error), -1);
    free(id);
    free(secret);
    strbuf_release(&error);
}
