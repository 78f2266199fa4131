/*
 * Is a text a place on a network: [USER[:PASSWORD]@]HOST[:PORT], an IPv6 address
 * in brackets (RFC 3986, section 3.2)? For checks of configured values: whether the
 * host exists is found out by connecting. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* True for a host that is not empty and a port, if any, from 1 to 65535. */
bool host_port_valid(const char *text, size_t len);
