#include "gateway/openapi.h"

#include <ctype.h>

#include "base/strbuf.h"
#include "gateway/route.h"
#include "gateway/route_args.h"
#include "gateway/route_context.h"

static void write_text(const char *key, const char *text, struct strbuf *out)
{
    strbuf_addf(out, ",\"%s\":", key);
    strbuf_add_json(out, text, strlen(text));
}

static void write_params(const struct route *route, struct strbuf *out)
{
    strbuf_add_text(out, ",\"parameters\":[");
    for (size_t i = 0; i < route->param_count; i++) {
        const struct route_param *param = &route->params[i];
        strbuf_addf(out, "%s{\"name\":\"%s\",\"in\":\"%s\",\"required\":%s",
                    i > 0 ? "," : "", param->name, param->in,
                    param->required ? "true" : "false");
        write_text("description", param->description, out);
        strbuf_addf(out, ",\"schema\":%s}", param->schema);
    }
    strbuf_add_char(out, ']');
}

/* "get /api/v1/flights/{icao24}" -> "get_api_v1_flights_icao24" */
static void write_id(const struct route *route, struct strbuf *out)
{
    strbuf_add_text(out, "\"operationId\":\"get");
    bool parted = true;
    for (const char *p = route->path; *p; p++) {
        if (!isalnum((unsigned char)*p)) {
            parted = true;
            continue;
        }
        if (parted)
            strbuf_add_char(out, '_');
        parted = false;
        strbuf_add_char(out, *p);
    }
    strbuf_add_char(out, '"');
}

static void write_route(const struct route *route, struct strbuf *out)
{
    strbuf_add_json(out, route->path, strlen(route->path));
    strbuf_add_text(out, ":{\"get\":{");
    write_id(route, out);
    write_text("summary", route->summary, out);
    write_params(route, out);
    if (route->flags & ROUTE_PUBLIC)
        strbuf_add_text(out, ",\"security\":[]");
    strbuf_add_text(out,
                    ",\"responses\":{\"200\":{\"description\":\"what was asked for\"},"
                    "\"default\":{\"$ref\":\"#/components/responses/Error\"}}}}");
}

static void write_components(struct strbuf *out)
{
    strbuf_add_text(
        out,
        "\"components\":{\"securitySchemes\":{\"token\":{\"type\":\"http\",\"scheme\":"
        "\"bearer\"}},\"responses\":{\"Error\":{\"description\":\"why "
        "not\",\"content\":{"
        "\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/Error\"}},"
        "\"application/health+json\":{\"schema\":{\"type\":\"object\"}}}}},"
        "\"schemas\":{\"Error\":{\"type\":\"object\",\"required\":[\"error\"],"
        "\"properties\":{\"error\":{\"type\":\"object\",\"required\":[\"code\","
        "\"message\",\"retry_ms\"],\"properties\":{\"code\":{\"type\":\"string\"},"
        "\"message\":{\"type\":\"string\"},\"retry_ms\":{\"type\":\"integer\","
        "\"minimum\":0}}}}}}}");
}

void route_openapi(struct http_exchange *x)
{
    const struct route_context *context = exchange_context(x);
    struct strbuf body;
    size_t written = 0;
    if (!route_args_known(x))
        return;
    route_body_init(&body);
    strbuf_addf(&body,
                "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"flightdash\",\"version\":"
                "\"%s\",\"license\":{\"name\":\"MIT\",\"identifier\":\"MIT\"}},"
                "\"security\":[{},{\"token\":[]}],",
                FLIGHTDASH_VERSION);
    write_components(&body);
    strbuf_add_text(&body, ",\"paths\":{");
    for (unsigned i = 0; i < context->route_count; i++) {
        if (strcmp(context->routes[i].method, "GET") != 0)
            continue;
        strbuf_add_text(&body, written++ > 0 ? "," : "");
        write_route(&context->routes[i], &body);
    }
    strbuf_add_text(&body, "}}\n");
    route_send(x, "application/json", &body);
}
