# SPDX-License-Identifier: Apache-2.0
"""All cases of the fault plan, for scripts/faults."""

from cluster_test import ClusterCase
from fault_case import main
from liar_test import Liar
from network_test import Network
from node_test import Node
from operator_test import Operator
from stall_test import Stall

__all__ = ["ClusterCase", "Liar", "Network", "Node", "Operator", "Stall"]

if __name__ == "__main__":
    main()
