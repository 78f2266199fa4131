"""Fixtures of the fault tests."""

import pytest
import scene


@pytest.fixture
def topics(kafka):
    """The session's Kafka with the contract's topics."""
    for name in scene.TOPICS:
        kafka.create_topic(name)
    return kafka
