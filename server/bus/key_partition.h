/*
 * Which partition our producers (and JVM producers) put a key into: murmur2 of
 * the key, as Kafka's default partitioner. Pure; any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* 0 .. partitions - 1; partitions >= 1. */
int32_t key_partition(const char *key, size_t len, int partitions);
