#include "base/macros.h"
#include "net/http_client.h"
#include "upstream/elasticsearch.h"
#include "upstream/prometheus.h"
#include "upstream/upstream_class.h"

static const struct upstream_class *const classes[] = {&prometheus_class,
                                                       &elasticsearch_class};

const struct upstream_class *upstream_class_of(enum upstream_target target)
{
    for (size_t i = 0; i < ARRAY_LEN(classes); i++)
        if (classes[i]->target == target)
            return classes[i];
    return NULL;
}

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

void upstream_reply_explain(const struct upstream_reply *reply, const char *expected,
                            struct strbuf *ret_text)
{
    if (reply->status != 200)
        strbuf_addf(ret_text, "answered %d", reply->status);
    else if (strncmp(reply->content_type, "application/", 12) != 0)
        strbuf_addf(ret_text, "answered %.60s where %s was expected",
                    reply->content_type[0] ? reply->content_type : "without a type",
                    expected);
    else
        strbuf_addf(ret_text, "its answer is not %s", expected);
}
