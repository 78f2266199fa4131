#include "gateway/address_count.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { BUCKETS = 1024 };

struct entry {
    struct entry *next;
    unsigned count;
    char address[];
};

struct address_count {
    unsigned max;
    pthread_mutex_t lock; /* guards buckets */
    struct entry *buckets[BUCKETS];
};

struct address_count *address_count_new(unsigned max)
{
    struct address_count *counts = xcalloc(1, sizeof *counts);
    counts->max = max;
    pthread_mutex_init(&counts->lock, NULL);
    return counts;
}

void address_count_free(struct address_count *counts)
{
    if (counts == NULL)
        return;
    for (unsigned i = 0; i < BUCKETS; i++) {
        while (counts->buckets[i] != NULL) {
            struct entry *entry = counts->buckets[i];
            counts->buckets[i] = entry->next;
            free(entry);
        }
    }
    pthread_mutex_destroy(&counts->lock);
    free(counts);
}

static bool is_counted(const struct address_count *counts, const char *address)
{
    return counts->max > 0 && strcmp(address, "127.0.0.1") != 0 &&
           strcmp(address, "::1") != 0 && strcmp(address, "::ffff:127.0.0.1") != 0;
}

/* The link that leads to the address' entry, or to NULL. */
static struct entry **find(struct address_count *counts, const char *address)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (const char *c = address; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    struct entry **link = &counts->buckets[hash % BUCKETS];
    while (*link != NULL && strcmp((*link)->address, address) != 0)
        link = &(*link)->next;
    return link;
}

bool address_count_enter(struct address_count *counts, const char *address)
{
    if (!is_counted(counts, address))
        return true;
    pthread_mutex_lock(&counts->lock);
    struct entry **link = find(counts, address);
    if (*link == NULL) {
        size_t n = strlen(address) + 1;
        *link = xcalloc(1, sizeof **link + n);
        memcpy((*link)->address, address, n);
    }
    bool fits = (*link)->count < counts->max;
    if (fits)
        (*link)->count++;
    pthread_mutex_unlock(&counts->lock);
    return fits;
}

void address_count_leave(struct address_count *counts, const char *address)
{
    if (!is_counted(counts, address))
        return;
    pthread_mutex_lock(&counts->lock);
    struct entry **link = find(counts, address);
    if (*link != NULL && --(*link)->count == 0) {
        struct entry *gone = *link;
        *link = gone->next;
        free(gone);
    }
    pthread_mutex_unlock(&counts->lock);
}
