#include "upstream/answer.h"

#include <stdatomic.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "upstream/upstream_class.h"

static struct answer *answer_new(enum upstream_answer_kind kind, char *text, size_t len)
{
    struct answer *answer = xcalloc(1, sizeof *answer);
    atomic_init(&answer->refs, 1);
    answer->text = text;
    answer->view = (struct upstream_answer){
        .kind = kind, .text = text, .len = len, .code = "", .http_status = 200};
    return answer;
}

struct answer *answer_result(struct strbuf *text)
{
    const size_t len = text->len;
    char *owned = len ? strbuf_detach(text) : xstrdup("");
    return answer_new(UPSTREAM_RESULT, owned, len);
}

static struct answer *answer_error(const char *name, const char *message,
                                   const char *code, int http_status)
{
    struct strbuf text;
    strbuf_init(&text, UPSTREAM_MESSAGE_MAX);
    strbuf_addf(&text, "%s%s%.400s", name, name[0] ? ": " : "", message);
    const size_t len = text.len;
    struct answer *answer = answer_new(UPSTREAM_ERROR, strbuf_detach(&text), len);
    answer->view.code = code;
    answer->view.http_status = http_status;
    return answer;
}

struct answer *answer_unavailable(const char *name, const char *message,
                                  int64_t retry_ms)
{
    struct answer *answer = answer_error(name, message, "backend_unavailable", 503);
    answer->view.retry_ms = retry_ms;
    return answer;
}

struct answer *answer_bad_request(const char *message)
{
    return answer_error("", message, "bad_request", 400);
}

struct answer *answer_gap(uint64_t lost)
{
    struct answer *answer = answer_new(UPSTREAM_GAP, xstrdup(""), 0);
    answer->view.lost = lost;
    return answer;
}

struct answer *answer_ref(struct answer *answer)
{
    atomic_fetch_add_explicit(&answer->refs, 1, memory_order_relaxed);
    return answer;
}

void answer_unref(struct answer *answer)
{
    if (!answer || atomic_fetch_sub(&answer->refs, 1) != 1)
        return;
    free(answer->text);
    free(answer);
}
