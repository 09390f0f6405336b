# SPDX-License-Identifier: Apache-2.0
"""All cases of the fault plan over Kafka, for scripts/faults."""

from fault_case import run_cases
from kafka_group_test import Coordinator, Members
from kafka_node_test import Cluster, Node
from kafka_producer_test import Producer

__all__ = ["Cluster", "Coordinator", "Members", "Node", "Producer"]

if __name__ == "__main__":
    run_cases("__main__")
