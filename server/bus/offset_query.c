#include "bus/offset_query.h"

#include <librdkafka/rdkafka.h>

enum { ANSWER_WAIT_MS = 3000 };

static rd_kafka_resp_err_t ask(rd_kafka_t *rk, rd_kafka_topic_partition_list_t *list,
                               int64_t time_ms)
{
    for (int i = 0; i < list->cnt; i++)
        list->elems[i].offset = time_ms;
    rd_kafka_resp_err_t err = rd_kafka_offsets_for_times(rk, list, ANSWER_WAIT_MS);
    for (int i = 0; i < list->cnt && err == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
        err = list->elems[i].err;
    return err;
}

int offset_query(rd_kafka_t *rk, rd_kafka_topic_partition_list_t *list, int64_t time_ms,
                 bool *ret_at_end)
{
    if (time_ms < 0)
        return ask(rk, list, time_ms);
    /* The ends first: a record that comes in between must not fall behind them. */
    rd_kafka_topic_partition_list_t *ends = rd_kafka_topic_partition_list_copy(list);
    rd_kafka_resp_err_t err = ask(rk, ends, OFFSET_QUERY_END);
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
        err = ask(rk, list, time_ms);
    for (int i = 0; i < list->cnt && err == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
        const rd_kafka_topic_partition_t *end = rd_kafka_topic_partition_list_find(
            ends, list->elems[i].topic, list->elems[i].partition);
        if (list->elems[i].offset < 0 && end != NULL)
            list->elems[i].offset = end->offset;
        if (ret_at_end != NULL)
            ret_at_end[list->elems[i].partition] =
                end != NULL && list->elems[i].offset >= end->offset;
    }
    rd_kafka_topic_partition_list_destroy(ends);
    return err;
}
