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
                 int64_t *ret_ends)
{
    /* The ends first: a record that comes in between must not fall behind them. */
    rd_kafka_topic_partition_list_t *ends = rd_kafka_topic_partition_list_copy(list);
    rd_kafka_resp_err_t err = ask(rk, ends, OFFSET_QUERY_END);
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
        err = ask(rk, list, time_ms);
    for (int i = 0; i < list->cnt && err == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
        rd_kafka_topic_partition_t *p = &list->elems[i];
        const rd_kafka_topic_partition_t *end =
            rd_kafka_topic_partition_list_find(ends, p->topic, p->partition);
        if (p->offset < 0 && end != NULL)
            p->offset = end->offset;
        if (ret_ends != NULL)
            ret_ends[p->partition] = end != NULL ? end->offset : p->offset;
    }
    rd_kafka_topic_partition_list_destroy(ends);
    return err;
}
