"""A small Ray cluster in a process of its own: FOLDER NAME=FAKE_TRAINER...

Each node has its homes in FOLDER/NAME, and its trainers behave as FAKE_TRAINER says.

Standard output: the address, then "removed" for each node removed. Standard input: names of nodes
to remove without grace; its end shuts the cluster down.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from ray.cluster_utils import Cluster

OBJECT_STORE_BYTES = 80 << 20


def main() -> None:
    folder = Path(sys.argv[1])
    head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": OBJECT_STORE_BYTES}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    nodes = {
        name: cluster.add_node(
            num_cpus=1,
            object_store_memory=OBJECT_STORE_BYTES,
            node_name=name,
            env_vars={"LANDERCTL_SWEEP_DIR": str(folder / name), "FAKE_TRAINER": behaviour},
        )
        for name, _, behaviour in (argument.partition("=") for argument in sys.argv[2:])
    }
    print(cluster.address, flush=True)
    for line in sys.stdin:
        cluster.remove_node(nodes[line.strip()], allow_graceful=False)
        print("removed", flush=True)
    shut_down: Callable[[], None] = cluster.shutdown
    shut_down()


if __name__ == "__main__":
    main()
