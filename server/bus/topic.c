#include "bus/topic.h"

#include <string.h>

static const struct topic_settings settings[TOPIC_COUNT] = {
#define TOPIC(id, text, parts, policy, retention, segment)                             \
    [TOPIC_##id] = {.name = (text),                                                    \
                    .partitions = (parts),                                             \
                    .cleanup = (policy),                                               \
                    .retention_ms = (retention),                                       \
                    .segment_ms = (segment)},
#include "bus/topics.def"
#undef TOPIC
};

const struct topic_settings *topic_settings(enum topic topic)
{
    return &settings[topic];
}

const char *topic_name(enum topic topic)
{
    return settings[topic].name;
}

bool topic_parse(const char *name, enum topic *ret_topic)
{
    for (unsigned i = 0; i < TOPIC_COUNT; i++) {
        if (strcmp(settings[i].name, name) == 0) {
            *ret_topic = (enum topic)i;
            return true;
        }
    }
    return false;
}
