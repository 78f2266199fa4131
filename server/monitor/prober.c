#include "monitor/prober.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "monitor/probe_kind.h"
#include "monitor/probe_state.h"
#include "monitor/service_health.h"
#include "monitor/talk.h"
#include "net/http_client.h"
#include "net/loop.h"
#include "telemetry/metrics.h"

enum { ANSWER_MAX = 256 * 1024 };

struct probe {
    struct prober *prober;
    const struct probe_kind *kind;
    char *address;
    struct service_health health; /* what was last told */
    struct probe_state state;
    struct loop_timer *timer;
    struct talk *talk;      /* on its way */
    struct http_call *call; /* on its way */
    int64_t asked_ms;       /* monotonic */
    int64_t told_ms;        /* monotonic; 0 = never */
};

struct prober {
    struct loop *loop;
    struct metrics *metrics;
    struct http_client *http;
    struct prober_config config;
    uint64_t random;
    size_t count;
    struct probe probes[PROBER_SERVICES_MAX];
};

/* 0.9 to 1.1 times ms, so that the probes of a platform do not march in step. */
static int64_t jittered(struct prober *prober, int64_t ms)
{
    prober->random =
        prober->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ms * (900 + (int64_t)((prober->random >> 33) % 201)) / 1000;
}

static void tell(struct probe *probe, int64_t latency_ms, const char *output)
{
    struct prober *prober = probe->prober;
    struct service_health *health = &probe->health;
    health->status = probe->state.status;
    health->since_ms = probe->state.since_ms;
    health->latency_ms = latency_ms;
    snprintf(health->output, sizeof health->output, "%s", output);
    probe->told_ms = clock_mono_ms();
    metrics_set_to(prober->metrics, METRIC_SERVICE_STATUS, health->service,
                   health->status);
    prober->config.on_health(prober->config.data, health);
}

static void take(struct probe *probe, enum health_status result, const char *output)
{
    struct prober *prober = probe->prober;
    const int64_t now_ms = clock_mono_ms();
    const int64_t took_ms = now_ms - probe->asked_ms;
    const int64_t latency_ms = result == HEALTH_FAIL ? HEALTH_NO_LATENCY : took_ms;
    char slow[64] = "";
    if (result == HEALTH_PASS && took_ms > PROBER_SLOW_MS) {
        result = HEALTH_WARN;
        snprintf(slow, sizeof slow, "answered after %lld ms", (long long)took_ms);
        output = slow;
    }
    metric_add(metrics_cell_of(prober->metrics, METRIC_PROBES, probe->health.service,
                               health_status_text(result)),
               1);
    metric_observe(metrics_cell_of(prober->metrics, METRIC_PROBE_DURATION,
                                   probe->health.service, NULL),
                   (double)took_ms / 1e3);
    const bool changed = probe_state_take(&probe->state, result, clock_wall_ms());
    const bool doubts = probe_state_doubts(&probe->state);
    if (changed || (!doubts && now_ms - probe->told_ms >= PROBER_REPEAT_MS))
        tell(probe, latency_ms, output);
    const int64_t pause_ms =
        doubts ? (int64_t)PROBER_CONFIRM_MS : prober->config.period_ms;
    loop_timer_arm(probe->timer,
                   jittered(prober, MIN_OF(pause_ms, prober->config.period_ms)));
}

static void on_talk(void *data, enum health_status status, const char *output)
{
    struct probe *probe = data;
    probe->talk = NULL;
    take(probe, status, output);
}

static void on_http(void *data, const struct http_result *result)
{
    struct probe *probe = data;
    struct strbuf output;
    strbuf_init(&output, HEALTH_OUTPUT_SIZE - 1);
    enum health_status status = HEALTH_FAIL;
    probe->call = NULL;
    if (result->error)
        strbuf_addf(&output, "%.200s", result->error_text);
    else
        status =
            probe_http_verdict(result->status, result->body, result->body_len, &output);
    take(probe, status, strbuf_text(&output));
    strbuf_release(&output);
}

static void ask(void *data)
{
    struct probe *probe = data;
    struct prober *prober = probe->prober;
    probe->asked_ms = clock_mono_ms();
    if (!probe->kind->http) {
        probe->talk = talk_start(prober->loop, probe->kind, probe->address,
                                 prober->config.timeout_ms, on_talk, probe);
        return;
    }
    const struct http_request request = {.url = probe->address,
                                         .timeout_ms = prober->config.timeout_ms,
                                         .max_body = ANSWER_MAX};
    probe->call = http_client_start(prober->http, &request, on_http, probe);
}

static void add_dependencies(struct service_health *health, const char *names)
{
    char name[SERVICE_NAME_SIZE];
    for (const char *p = names; *p;) {
        const size_t len = strcspn(p, ",");
        snprintf(name, sizeof name, "%.*s", (int)len, p);
        if (name[0])
            service_health_depend(health, name);
        p += len;
        p += *p == ',';
    }
}

/* False, with a line in ret_error, when the service cannot be probed so. */
static bool add_probe(struct prober *prober, const struct probe_config *config,
                      struct strbuf *ret_error)
{
    const struct probe_kind *kind = probe_kind_find(config->kind);
    if (!kind || prober->count == PROBER_SERVICES_MAX) {
        strbuf_addf(ret_error, "probe of %s: %s", config->service,
                    kind ? "too many services" : "no such kind of probe");
        return false;
    }
    struct probe *probe = &prober->probes[prober->count++];
    probe->prober = prober;
    probe->kind = kind;
    probe->address = xstrdup(config->address);
    snprintf(probe->health.service, sizeof probe->health.service, "%s",
             config->service);
    if (config->depends_on)
        add_dependencies(&probe->health, config->depends_on);
    probe->timer = loop_timer_new(prober->loop, ask, probe);
    loop_timer_arm(probe->timer, 0);
    return true;
}

struct prober *prober_new(const struct prober_config *config, struct loop *loop,
                          struct metrics *metrics, struct strbuf *ret_error)
{
    struct prober *prober = xcalloc(1, sizeof *prober);
    prober->loop = loop;
    prober->metrics = metrics;
    prober->config = *config;
    prober->random = (uint64_t)clock_mono_ns();
    if (prober->config.period_ms <= 0)
        prober->config.period_ms = PROBER_PERIOD_MS;
    if (prober->config.timeout_ms <= 0)
        prober->config.timeout_ms = PROBER_TIMEOUT_MS;
    prober->http = http_client_new(loop, &(struct http_limits){.per_host = 8});
    for (size_t i = 0; i < config->service_count; i++) {
        if (!add_probe(prober, &config->services[i], ret_error)) {
            prober_free(prober);
            return NULL;
        }
    }
    return prober;
}

void prober_free(struct prober *prober)
{
    if (!prober)
        return;
    for (size_t i = 0; i < prober->count; i++) {
        struct probe *probe = &prober->probes[i];
        talk_cancel(probe->talk);
        if (probe->call)
            http_call_cancel(probe->call);
        loop_timer_free(probe->timer);
        free(probe->address);
    }
    http_client_free(prober->http);
    free(prober);
}
