/*
 * Elasticsearch's search API (8 and 9) over the data streams logs-flightdash-*:
 * Lucene query_string, level, service, time range; a histogram; a live tail by
 * search_after. Pure.
 *
 * Our answer to a query: "total", "since", "until", "hits" (newest first, the
 * form of log_hit.h), "histogram":{"interval","buckets":[{"time","count",
 * "levels":{..}}]}, "kibana"?; of a tail: the hits, oldest first, each an object
 * on a line of its own.
 */
#pragma once

struct upstream_class;

extern const struct upstream_class elasticsearch_class;

enum {
    ELASTICSEARCH_HITS_DEFAULT = 100,
    ELASTICSEARCH_HITS_MAX = 1000,
    ELASTICSEARCH_BUCKETS = 60, /* about so many in a histogram */
    ELASTICSEARCH_TAIL_PAGE = 500
};
