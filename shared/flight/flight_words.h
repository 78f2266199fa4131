/*
 * Eight bytes of text at a time, in one 64-bit word, first byte lowest: what the
 * scanner looks for in strings and keys. Each answer is exact for the
 * first hit, which is the one that is asked for. Pure; any thread.
 */
#pragma once

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WORD_BYTES UINT64_C(0x0101010101010101)
#define WORD_HIGHS UINT64_C(0x8080808080808080)

enum { WORD_SIZE = 8 };

/* Eight bytes from text. */
static inline uint64_t word_load(const char *text)
{
    uint64_t word;
    memcpy(&word, text, sizeof word);
    return le64toh(word);
}

/* The first n < 8 bytes of a word. */
static inline uint64_t word_first(uint64_t word, size_t n)
{
    return word & ~(UINT64_MAX << (n * WORD_SIZE));
}

/* High bits of the bytes that are below c (c <= 0x80) or above 0x7f. */
static inline uint64_t word_below(uint64_t word, unsigned char c)
{
    return ((word - WORD_BYTES * c) | word) & WORD_HIGHS;
}

/* High bits of the bytes that are c. */
static inline uint64_t word_equal(uint64_t word, unsigned char c)
{
    uint64_t x = word ^ (WORD_BYTES * c);
    return (x - WORD_BYTES) & ~x & WORD_HIGHS;
}

/* The index of the lowest byte whose high bit is set; 8 when none is. */
static inline size_t word_index(uint64_t highs)
{
    return highs != 0 ? (size_t)__builtin_ctzll(highs) / WORD_SIZE : WORD_SIZE;
}
