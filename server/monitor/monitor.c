#include "monitor/monitor.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "bus/producer.h"
#include "monitor/news.h"
#include "monitor/service_health.h"
#include "net/loop.h"
#include "store/health_mirror.h"
#include "telemetry/health.h"

struct monitor {
    struct monitor_deps deps;
    struct prober *prober;
};

/* A health object on its way to the mirror's thread. */
struct mirror_put {
    struct health_mirror *mirror;
    char service[SERVICE_NAME_SIZE];
    size_t len;
    char json[];
};

static void put_on_mirror(void *data)
{
    struct mirror_put *put = data;
    health_mirror_put(put->mirror, put->service, put->json, put->len);
    free(put);
}

static void send_to_mirror(const struct monitor *monitor, const char *service,
                           const struct strbuf *json)
{
    struct mirror_put *put = xmalloc(sizeof *put + json->len + 1);
    put->mirror = monitor->deps.mirror;
    put->len = json->len;
    snprintf(put->service, sizeof put->service, "%s", service);
    memcpy(put->json, strbuf_text(json), json->len + 1);
    loop_post(monitor->deps.mirror_loop, put_on_mirror, put);
}

static void send_to_kafka(const struct monitor *monitor, const char *service,
                          const struct strbuf *json)
{
    const struct producer_record record = {.topic = TOPIC_SERVICE_HEALTH,
                                           .key = service,
                                           .key_len = strlen(service),
                                           .value = strbuf_text(json),
                                           .value_len = json->len,
                                           .source = "monitor"};
    if (producer_send(monitor->deps.producer, &record) != 0)
        log_warn("monitor", "health of %s: not taken by the producer", service);
}

static void on_health(void *data, const struct service_health *health)
{
    struct monitor *monitor = data;
    struct strbuf json;
    strbuf_init(&json, SERVICE_JSON_MAX);
    service_health_write(health, &json);
    if (monitor->deps.producer)
        send_to_kafka(monitor, health->service, &json);
    if (monitor->deps.mirror)
        send_to_mirror(monitor, health->service, &json);
    if (monitor->deps.news)
        news_take_probe(monitor->deps.news, health);
    strbuf_release(&json);
}

struct monitor *monitor_new(const struct probe_config *services, size_t service_count,
                            const struct monitor_deps *deps, struct strbuf *ret_error)
{
    struct monitor *monitor = xcalloc(1, sizeof *monitor);
    monitor->deps = *deps;
    const struct prober_config config = {.services = services,
                                         .service_count = service_count,
                                         .on_health = on_health,
                                         .data = monitor};
    monitor->prober = prober_new(&config, deps->loop, deps->metrics, ret_error);
    if (!monitor->prober) {
        free(monitor);
        return NULL;
    }
    health_pass(deps->board, "monitor", HEALTH_NO_LATENCY);
    return monitor;
}

void monitor_free(struct monitor *monitor)
{
    if (!monitor)
        return;
    prober_free(monitor->prober);
    free(monitor);
}
