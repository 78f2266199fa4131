#include "gateway/query_reply.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "gateway/hub_shared.h"
#include "gateway/mailbox.h"
#include "gateway/provider.h"
#include "gateway/session.h"
#include "net/loop.h"
#include "wire/wire_limits.h"

struct query_reply {
    struct mailbox *mailbox; /* touched on the io thread only */
    struct loop *loop;
    int64_t id;
    bool failed;
    char code[32];
    char *text; /* the result, or the message */
    size_t len;
    int64_t retry_ms;
};

struct query_reply *query_reply_new(struct mailbox *mailbox, struct loop *loop,
                                    int64_t id)
{
    struct query_reply *reply = xcalloc(1, sizeof *reply);
    reply->mailbox = mailbox_ref(mailbox);
    reply->loop = loop;
    reply->id = id;
    return reply;
}

static void add_answer(const struct query_reply *reply, struct session *s)
{
    size_t mark;
    struct strbuf *out =
        session_begin(s, reply->failed ? "error" : "result", true, reply->id, &mark);
    if (reply->failed) {
        strbuf_addf(out, ",\"code\":\"%s\",\"message\":", reply->code);
        strbuf_add_json(out, reply->text, reply->len);
        strbuf_addf(out, ",\"retry_ms\":%" PRId64, reply->retry_ms);
    } else {
        strbuf_add_text(out, ",\"result\":");
        strbuf_add(out, reply->text, reply->len);
    }
    session_end(s, mark);
}

static void deliver(void *data)
{
    struct query_reply *reply = data;
    struct session *s = reply->mailbox->session;
    if (s != NULL && s->phase == SESSION_OPEN) {
        s->queries--;
        add_answer(reply, s);
        s->hub->config.pump(s);
    }
    mailbox_unref(reply->mailbox);
    free(reply->text);
    free(reply);
}

static void set_failure(struct query_reply *reply, const char *code,
                        const char *message, int64_t retry_ms)
{
    reply->failed = true;
    reply->retry_ms = retry_ms;
    reply->len = strlen(message);
    reply->text = xstrndup(message, reply->len);
    memcpy(reply->code, code, strnlen(code, sizeof reply->code - 1));
}

void query_reply_result(struct query_reply *take_reply, const char *json, size_t len)
{
    if (len <= WIRE_PART_MAX - 128) {
        take_reply->text = xstrndup(json, len);
        take_reply->len = len;
    } else {
        set_failure(take_reply, "too_large", "the answer is larger than a message", 0);
    }
    loop_post(take_reply->loop, deliver, take_reply);
}

void query_reply_error(struct query_reply *take_reply, const char *code,
                       const char *message, int64_t retry_ms)
{
    set_failure(take_reply, code, message, retry_ms);
    loop_post(take_reply->loop, deliver, take_reply);
}
