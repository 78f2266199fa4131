/*
 * The limits of the protocol in one place; clients are told the ones that
 * concern them in `welcome`, flightdash-protocol(7) names them.
 */
#pragma once

enum {
    WIRE_VERSION = 1,
    WIRE_REQUEST_MAX = 16384,    /* bytes of a client's message */
    WIRE_PART_MAX = 262144,      /* bytes of a server's message */
    WIRE_SUBSCRIPTIONS_MAX = 16, /* of a session */
    WIRE_HELLO_MS = 5000,        /* time for the first message */
    WIRE_MESSAGES_PER_S = 20,    /* of a client, sustained */
    WIRE_MESSAGES_BURST = 60,    /* and at once */
    WIRE_FLOOD_STRIKES = 20,     /* messages refused in a row before 4009 */
    WIRE_RESUME_MS = 600000,     /* absence after which a delta still works */
    WIRE_TICK_MESSAGE_MS = 1000, /* longest silence */
    WIRE_SLOW_MS = 2000,         /* one frame under way for so long: half the rate */
    WIRE_STUCK_MS = 10000,       /* no byte taken for so long: 4008 */
    WIRE_PING_MS = 10000,        /* WebSocket ping after so much silence */
    WIRE_PONG_MS = 20000,        /* nothing heard for so long: 4008 */
    WIRE_TRAIL_MAX_S = 14400,    /* longest trail */
    WIRE_QUERIES_MAX = 8,        /* of a session, unanswered */
    WIRE_SEEN_POS_MS = 4900,     /* error of an untold position age; 5 s promised */
    WIRE_AGE_MAX_MS = 2000000000 /* 23 days: an older age is none */
};
