#include "upstream/upstream_class.h"

#include <errno.h>

#include "net/http_client.h"

void upstream_plan_init(struct upstream_plan *plan)
{
    *plan = (struct upstream_plan){.limit = 0};
    strbuf_init(&plan->path, UPSTREAM_REQUEST_MAX);
    strbuf_init(&plan->body, UPSTREAM_REQUEST_MAX);
}

void upstream_plan_release(struct upstream_plan *plan)
{
    strbuf_release(&plan->path);
    strbuf_release(&plan->body);
}

void upstream_plan_param(struct upstream_plan *plan, const char *name,
                         const char *value)
{
    char *escaped = http_escape(value);
    const char separator = strchr(strbuf_text(&plan->path), '?') ? '&' : '?';
    strbuf_addf(&plan->path, "%c%s=", separator, name);
    strbuf_add_text(&plan->path, escaped);
    free(escaped);
}

const char *upstream_arg_text(const struct upstream_args *args, enum upstream_arg which)
{
    const char *text = args->text[which];
    return text && text[0] ? text : NULL;
}

int upstream_refuse(struct strbuf *ret_error, const char *why)
{
    strbuf_add_text(ret_error, why);
    return -EINVAL;
}

void upstream_reply_explain(const struct upstream_reply *reply, const char *expected,
                            struct strbuf *ret_text)
{
    const char *type = reply->content_type[0] ? reply->content_type : "without a type";
    if (reply->status != 200)
        strbuf_addf(ret_text, "answered %d", reply->status);
    else if (strncmp(type, "application/", 12) == 0)
        strbuf_addf(ret_text, "its answer is not %s", expected);
    else
        strbuf_addf(ret_text, "answered %.60s where %s was expected", type, expected);
}
