# SPDX-License-Identifier: Apache-2.0
"""Kafka's topics, records and positions as they are, read and written without any messaging library."""

import dataclasses
import time
import urllib.parse

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer, TopicPartition
from lines import PATIENCE_SECONDS

BY_HAND = "interop-by-hand"
NOT_YET = {KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE, KafkaError.UNKNOWN_TOPIC_OR_PART,
           KafkaError.COORDINATOR_NOT_AVAILABLE, KafkaError.COORDINATOR_LOAD_IN_PROGRESS, KafkaError.NOT_COORDINATOR,
           KafkaError._WAIT_COORD}


@dataclasses.dataclass
class Record:
    topic: str
    partition: int
    key: bytes
    headers: list
    value: bytes
    timestamp_type: int


class RawKafka:
    def __init__(self, url):
        self.servers = {"bootstrap.servers": urllib.parse.urlsplit(url).netloc}
        self.producer = Producer(self.servers)

    def make_topic(self, name):
        """With as many partitions as the broker likes, which are returned once each has a leader."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            topic = self.producer.list_topics(name, timeout=PATIENCE_SECONDS).topics[name]
            partitions = list(topic.partitions.values())
            if partitions and all(each.leader >= 0 for each in partitions):
                return [TopicPartition(name, each.id) for each in partitions]
            time.sleep(0.05)
        raise AssertionError(f"{name} was not made")

    def write(self, topic, values, partition):
        """In this order."""
        failed = []
        for value in values:
            self.producer.produce(topic, value, partition=partition,
                                  on_delivery=lambda error, _: error and failed.append(error))
        if left := self.producer.flush(PATIENCE_SECONDS):
            raise AssertionError(f"{left} records were not written")
        if failed:
            raise KafkaException(failed[0])

    def records(self, topic):
        """All there are, in the order of each partition."""
        partitions = self.make_topic(topic)
        with Reading(self.servers) as consumer:
            left = sum(self._count(consumer, each) for each in partitions)
            consumer.assign([TopicPartition(topic, each.partition, OFFSET_BEGINNING) for each in partitions])
            found = []
            while len(found) < left:
                messages = consumer.consume(min(left - len(found), 1000), PATIENCE_SECONDS)
                if not messages:
                    raise AssertionError(f"{topic} has {left} records, of which {len(found)} came")
                found += map(record_of, messages)
            return found

    def begin(self, group, topics):
        """Gives a group that has no member yet its first positions, so that it misses nothing, ever."""
        partitions = [each for topic in topics for each in self.make_topic(topic)]
        with Reading(self.servers, group) as consumer:
            self._ask(lambda: consumer.commit(asynchronous=False, offsets=[
                TopicPartition(each.topic, each.partition, 0) for each in partitions]))

    def left_over(self, group, topic):
        """How many records the group has not committed yet."""
        partitions = self.make_topic(topic)
        with Reading(self.servers, group) as consumer:
            committed = self._ask(lambda: consumer.committed(partitions, timeout=PATIENCE_SECONDS))
            ends = [self._extent(consumer, each)[1] for each in partitions]
        return sum(end - max(each.offset, 0) for each, end in zip(committed, ends, strict=True))

    def _extent(self, consumer, partition):
        return self._ask(lambda: consumer.get_watermark_offsets(partition, timeout=PATIENCE_SECONDS))

    def _count(self, consumer, partition):
        begin, end = self._extent(consumer, partition)
        return end - begin

    @staticmethod
    def _ask(question):
        """A topic's leader, and a group's coordinator, take a moment to be there."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return question()
            except KafkaException as e:
                if time.monotonic() > deadline or e.args[0].code() not in NOT_YET:
                    raise
            time.sleep(0.05)


class Reading:
    """A consumer by hand, which no group knows of."""

    def __init__(self, servers, group=BY_HAND):
        self.consumer = Consumer(servers | {"group.id": group, "enable.auto.commit": False, "fetch.wait.max.ms": 50})

    def __enter__(self):
        return self.consumer

    def __exit__(self, *_):
        self.consumer.close()


def record_of(message):
    if message.error():
        raise KafkaException(message.error())
    return Record(message.topic(), message.partition(), message.key(), message.headers(), message.value(),
                  message.timestamp()[0])
