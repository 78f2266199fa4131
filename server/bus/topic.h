/*
 * The Kafka topics by number, made from topics.def. Constant data; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum topic {
#define TOPIC(id, ...) TOPIC_##id,
#include "bus/topics.def"
#undef TOPIC
    TOPIC_COUNT
};

struct topic_settings {
    const char *name;
    int partitions;
    const char *cleanup;
    int64_t retention_ms;
    int64_t segment_ms; /* 0 = the broker's default */
};

/* What a topic is called and how it is created. */
const struct topic_settings *topic_settings(enum topic topic);
const char *topic_name(enum topic topic);

/* The topic of that name; false when it is none of ours. */
bool topic_parse(const char *name, enum topic *ret_topic);
