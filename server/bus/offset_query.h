/*
 * Asks the broker for offsets by time. Waits for the answer: only threads that
 * may wait call it.
 */
#pragma once

#include <stdint.h>

struct rd_kafka_s;
struct rd_kafka_topic_partition_list_s;

/* Instead of a time. Kafka's own numbers (ListOffsets request). */
enum { OFFSET_QUERY_END = -1, OFFSET_QUERY_BEGINNING = -2 };

/*
 * Sets every partition's offset to that of its first record at or after time_ms
 * (wall) or, where there is none, to the partition's end: always a number, never
 * a symbol, so that what is written from now on cannot be missed. ret_ends, if
 * not NULL, holds by partition (the list is of one topic) where it ended a moment
 * before. 0, or librdkafka's error code.
 */
int offset_query(struct rd_kafka_s *rk, struct rd_kafka_topic_partition_list_s *list,
                 int64_t time_ms, int64_t *ret_ends);
