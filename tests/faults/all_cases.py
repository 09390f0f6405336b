# SPDX-License-Identifier: Apache-2.0
"""All cases of the fault plan, for scripts/faults."""

from cluster_test import ClusterCase
from fault_case import main
from liar_test import Liar
from limits_test import Limits
from network_test import Network
from node_test import Node
from operator_test import Operator
from refusal_test import Refusal
from server_test import Server
from stall_test import Stall

__all__ = ["ClusterCase", "Liar", "Limits", "Network", "Node", "Operator", "Refusal", "Server", "Stall"]

if __name__ == "__main__":
    main()
