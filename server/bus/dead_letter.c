#include "bus/dead_letter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "bus/bus.h"
#include "bus/producer.h"
#include "telemetry/metrics.h"

struct dead_letters {
    struct producer *producer;
    const char *source;
    struct metrics *metrics;
    int64_t second; /* the rate's window */
    unsigned sent_in_second;
};

struct dead_letters *dead_letters_new(struct producer *producer, const char *source,
                                      struct metrics *metrics)
{
    struct dead_letters *d = xcalloc(1, sizeof *d);
    d->producer = producer;
    d->source = source;
    d->metrics = metrics;
    return d;
}

void dead_letters_free(struct dead_letters *d)
{
    free(d);
}

static bool admit(struct dead_letters *d, int64_t now_ms)
{
    if (now_ms / 1000 != d->second) {
        d->second = now_ms / 1000;
        d->sent_in_second = 0;
    }
    return d->sent_in_second++ < DEAD_LETTERS_PER_SECOND;
}

void dead_letter_send(struct dead_letters *d, const struct bus_record *record,
                      enum observation_reason reason, int64_t now_ms)
{
    char partition[16];
    char offset[24];
    char size[24];
    snprintf(partition, sizeof partition, "%" PRId32, record->partition);
    snprintf(offset, sizeof offset, "%" PRId64, record->offset);
    snprintf(size, sizeof size, "%zu", record->value_len);
    const struct producer_header extra[] = {
        {"reason", observation_reason_text(reason)},
        {"topic", topic_name(record->topic)},
        {"partition", partition},
        {"offset", offset},
        {"size", size},
    };
    bool cut = record->value_len > DEAD_LETTER_VALUE_MAX;
    const struct producer_record letter = {
        .topic = TOPIC_FLIGHT_DEAD_LETTERS,
        .key = record->key,
        .key_len = MIN_OF(record->key_len, (size_t)DEAD_LETTER_VALUE_MAX),
        .value = record->value,
        .value_len = MIN_OF(record->value_len, (size_t)DEAD_LETTER_VALUE_MAX),
        .source = d->source,
        .content_type = "application/octet-stream",
        .extra = extra,
        .extra_count = ARRAY_LEN(extra) - (cut ? 0 : 1)};
    if (admit(d, now_ms) && producer_send(d->producer, &letter) == 0)
        metrics_add_to(d->metrics, METRIC_DEAD_LETTERS, observation_reason_text(reason),
                       1);
    else
        metrics_add(d->metrics, METRIC_DEAD_LETTERS_DROPPED, 1);
}
