#include "base/host_port.h"

#include <string.h>

enum { PORT_MAX = 65535 };

static bool is_port(const char *text, const char *end)
{
    int port = 0;
    for (; text < end && *text >= '0' && *text <= '9' && port <= PORT_MAX; text++)
        port = port * 10 + (*text - '0');
    return text == end && port >= 1 && port <= PORT_MAX;
}

bool host_port_valid(const char *text, size_t len)
{
    const char *end = text + len;
    const char *at = memrchr(text, '@', len);
    const char *host = at != NULL ? at + 1 : text;
    const char *bracket = memrchr(host, ']', (size_t)(end - host));
    const char *rest = bracket != NULL ? bracket : host;
    const char *colon = memchr(rest, ':', (size_t)(end - rest));
    if (memchr(host, ' ', (size_t)(end - host)) != NULL)
        return false;
    if (colon == NULL)
        return host < end;
    return host < colon && is_port(colon + 1, end);
}
