/*
 * Random trace contexts for records that start a trace (W3C Trace Context,
 * section 3.2: version-traceid-parentid-flags). Any thread; each has its own
 * generator, seeded from the kernel. Not for secrets.
 */
#pragma once

enum { TRACEPARENT_SIZE = 56 }; /* 55 characters and the end */

void traceparent_random(char ret_text[TRACEPARENT_SIZE]);
