#include "upstream/upstream_classes.h"

#include "base/macros.h"
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
