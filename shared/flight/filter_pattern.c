#include <string.h>

#include "flight/filter_program.h"

static char upper(char c)
{
    return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

static bool same(char pattern, char c)
{
    return pattern == upper(c);
}

static bool equal(const char *pattern, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!same(pattern[i], text[i]))
            return false;
    return true;
}

/* Greedy with one point to come back to: the last '*'. At most length * n steps. */
static bool glob(const struct filter_pattern *pattern, const char *text, size_t n)
{
    size_t p = 0;
    size_t t = 0;
    size_t star = SIZE_MAX;
    size_t star_text = 0;
    while (t < n) {
        if (p < pattern->length && pattern->text[p] == '*') {
            star = p++;
            star_text = t;
        } else if (p < pattern->length &&
                   (pattern->text[p] == '?' || same(pattern->text[p], text[t]))) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (p < pattern->length && pattern->text[p] == '*')
        p++;
    return p == pattern->length;
}

static bool contains(const struct filter_pattern *pattern, const char *text, size_t n)
{
    for (size_t at = 0; at + pattern->length <= n; at++)
        if (equal(pattern->text, text + at, pattern->length))
            return true;
    return false;
}

bool filter_pattern_matches(const struct filter_pattern *pattern, const char *text,
                            size_t n)
{
    switch (pattern->mode) {
    case PATTERN_EXACT: return n == pattern->length && equal(pattern->text, text, n);
    case PATTERN_GLOB: return glob(pattern, text, n);
    case PATTERN_CONTAINS: return contains(pattern, text, n);
    }
    return false;
}
