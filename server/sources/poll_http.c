#include "sources/poll_http.h"

#include "sources/decode_adsbv2.h"
#include "sources/decode_readsb.h"
#include "sources/poller.h"
#include "sources/source_url.h"

enum { READSB_POLL_MS = 1000, ADSBV2_POLL_MS = 5000 };

static const char *const parameters[] = {"ca_file", NULL};

static bool check_web(const struct source_url *url, struct strbuf *ret_error)
{
    return source_url_check_file(url, "ca_file", ret_error);
}

static void *open_with(const struct source_url *url,
                       const struct source_context *context,
                       const struct source_sink *sink,
                       const struct document_format *format)
{
    const struct poller_config config = {
        .url = url->target,
        .ca_file = source_url_value(url, "ca_file"),
        .poll_ms = url->poll_ms,
        .format = format,
        .context = context,
        .sink = sink,
    };
    return poller_new(&config);
}

static void *open_readsb(const struct source_url *url,
                         const struct source_context *context,
                         const struct source_sink *sink, struct strbuf *ret_error)
{
    (void)ret_error;
    return open_with(url, context, sink, &decode_readsb_format);
}

static void *open_adsbv2(const struct source_url *url,
                         const struct source_context *context,
                         const struct source_sink *sink, struct strbuf *ret_error)
{
    (void)ret_error;
    return open_with(url, context, sink, &decode_adsbv2_format);
}

static void close_poller(void *source)
{
    poller_free(source);
}

#define WEB_SOURCE(scheme_, name_, poll_, open_)                                       \
    {                                                                                  \
        .scheme = (scheme_), .name = (name_),                                          \
        .form = scheme_ "://HOST[:PORT]/PATH[?poll_s=N&name=TEXT&ca_file=FILE]",       \
        .parameters = parameters, .web = true, .full_state = true, .poll_ms = (poll_), \
        .check = check_web, .open = (open_), .close = close_poller,                    \
    }

const struct source_class source_readsb_http =
    WEB_SOURCE("readsb+http", "readsb", READSB_POLL_MS, open_readsb);
const struct source_class source_readsb_https =
    WEB_SOURCE("readsb+https", "readsb", READSB_POLL_MS, open_readsb);
const struct source_class source_adsbv2_http =
    WEB_SOURCE("adsbv2+http", "adsbv2", ADSBV2_POLL_MS, open_adsbv2);
const struct source_class source_adsbv2_https =
    WEB_SOURCE("adsbv2+https", "adsbv2", ADSBV2_POLL_MS, open_adsbv2);
