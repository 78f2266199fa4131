/*
 * Reproducible chance for the simulator: numbers are functions of what they are
 * asked for, never of what was asked before. Pure; any thread.
 */
#pragma once

#include <stdint.h>

/* The finaliser of SplitMix64 (Steele, Lea, Flood 2014): 64 well mixed bits. */
static inline uint64_t sim_mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* Bits for the b-th question about a. */
static inline uint64_t sim_hash(uint64_t a, uint64_t b)
{
    return sim_mix(sim_mix(a) ^ (b * UINT64_C(0xd6e8feb86659fd93)));
}

/* Uniform in 0 <= result < 1. */
static inline double sim_uniform(uint64_t bits)
{
    return (double)(bits >> 11) * 0x1p-53;
}

/* Uniform in 0 <= result < n, n > 0; the bias for small n is below 2^-32. */
static inline uint32_t sim_below(uint64_t bits, uint32_t n)
{
    return (uint32_t)(((bits >> 32) * n) >> 32);
}
