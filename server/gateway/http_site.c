#include "gateway/http_site.h"

#include <string.h>
#include <strings.h>

bool http_origin_allowed(const struct http_site *site, const char *origin)
{
    if (origin == NULL)
        return true;
    for (size_t i = 0; i < site->origin_count; i++)
        if (strcmp(site->origins[i], "*") == 0 ||
            strcasecmp(site->origins[i], origin) == 0)
            return true;
    return false;
}
