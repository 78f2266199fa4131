#include "health_query.h"

#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "config.h"
#include "net/http_client.h"
#include "net/loop.h"
#include "telemetry/health.h"

struct query {
    struct loop *loop;
    const char *url;
    int status;
};

/* "status":"warn" of the document's own (the first) status member. */
static int overall(const char *body)
{
    const char *at = strstr(body, "\"status\":\"");
    char word[8] = "";
    enum health_status status = HEALTH_FAIL;
    if (at != NULL && sscanf(at, "\"status\":\"%7[a-z]", word) == 1 &&
        !health_status_parse(word, &status))
        return 2;
    return (int)status;
}

static void take_answer(void *data, const struct http_result *result)
{
    struct query *query = data;
    loop_stop(query->loop);
    if (result->error != 0) {
        fprintf(stderr, "flightdashd: %s\n", result->error_text);
        return;
    }
    if (strstr(result->content_type, "application/health+json") == NULL) {
        fprintf(stderr, "flightdashd: %s: answers, but it is not flightdashd\n",
                query->url);
        return;
    }
    puts(result->body);
    query->status = overall(result->body);
}

int health_query(const struct config *config)
{
    struct strbuf url;
    strbuf_init(&url, 512);
    bool v6 = strchr(config->listen_address, ':') != NULL;
    const char *host = strcmp(config->listen_address, "0.0.0.0") == 0 ? "127.0.0.1"
                       : strcmp(config->listen_address, "::") == 0
                           ? "::1"
                           : config->listen_address;
    bool tls = config_text(config, CONFIG_TLS_CERT) != NULL;
    strbuf_addf(&url, "%s://%s%s%s:%d/healthz", tls ? "https" : "http", v6 ? "[" : "",
                host, v6 ? "]" : "", config->listen_port);
    struct query query = {.loop = loop_new(), .url = strbuf_text(&url), .status = 2};
    struct http_client *client = http_client_new(query.loop, &(struct http_limits){0});
    struct http_request request = {
        .url = query.url,
        .timeout_ms = HEALTH_QUERY_TIMEOUT_MS,
        /* Our own certificate is its own authority, and names the public address. */
        .ca_file = config_text(config, CONFIG_TLS_CERT),
        .any_name = tls,
    };
    if (http_client_start(client, &request, take_answer, &query) != NULL)
        loop_run(query.loop);
    http_client_free(client);
    loop_free(query.loop);
    strbuf_release(&url);
    return query.status;
}
