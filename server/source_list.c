#include "source_list.h"

#include <string.h>

#include "base/strbuf.h"
#include "ingest/ingest.h"

static void write_source(const struct source_status *source, struct strbuf *out)
{
    strbuf_add_text(out, "{\"name\":");
    strbuf_add_json(out, source->name, strlen(source->name));
    strbuf_addf(out, ",\"kind\":\"%s\",\"status\":\"%s\",\"since\":", source->kind,
                health_status_text(source->status));
    strbuf_add_fixed(out, source->since_ms, 3);
    strbuf_add_text(out, ",\"heard\":");
    if (source->heard_ms != 0)
        strbuf_add_fixed(out, source->heard_ms, 3);
    else
        strbuf_add_text(out, "null");
    strbuf_addf(out,
                ",\"per_s\":%.1f,\"records\":%llu,\"sent\":%llu,\"refused\":%llu,"
                "\"errors\":%llu,\"text\":",
                source->records_per_s, (unsigned long long)source->records,
                (unsigned long long)source->sent, (unsigned long long)source->refused,
                (unsigned long long)source->errors);
    strbuf_add_json(out, source->text, strlen(source->text));
    if (source->quota_left >= 0)
        strbuf_addf(out, ",\"quota_left\":%lld", (long long)source->quota_left);
    if (source->latency_ms >= 0)
        strbuf_addf(out, ",\"latency_ms\":%lld", (long long)source->latency_ms);
    strbuf_add_char(out, '}');
}

void source_list_write(void *data, struct strbuf *out)
{
    struct source_status sources[INGEST_SOURCES_MAX];
    size_t count = ingest_sources(data, sources, INGEST_SOURCES_MAX);
    strbuf_add_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            strbuf_add_char(out, ',');
        write_source(&sources[i], out);
    }
    strbuf_add_char(out, ']');
}
