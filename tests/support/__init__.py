"""What the integration tests share: real servers, the daemon, a WebSocket client, metrics, waiting.

    servers     Redis, Kafka, Prometheus, Elasticsearch: tests/stack as Python objects
    daemon      flightdashd in a folder of its own
    wsclient    the client side of the protocol, written from its description alone
    metrics     /metrics as a dictionary, and the identity every record must obey
    recordings  real recordings, found by FLIGHTDASH_TEST_DATA
    wait        the only place that waits
"""
