#include "bus/key_partition.h"

#include <librdkafka/rdkafka.h>

int32_t key_partition(const char *key, size_t len, int partitions)
{
    return rd_kafka_msg_partitioner_murmur2(NULL, key, len, partitions, NULL, NULL);
}
