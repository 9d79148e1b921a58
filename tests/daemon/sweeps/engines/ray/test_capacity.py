from __future__ import annotations

from daemon.sweeps.engines.ray.capacity import MIB, Node, alive, slots, why_waiting


def node(cpus: float, memory_mb: float) -> Node:
    return Node(id="id", name="10.0.0.2", cpus=cpus, memory_bytes=memory_mb * MIB)


def test_nodes_that_are_dead_do_not_count() -> None:
    listed = [
        {"NodeID": "a", "NodeName": "one", "Alive": True, "Resources": {"CPU": 2.0, "memory": 9.0}},
        {"NodeID": "b", "NodeName": "two", "Alive": False, "Resources": {"CPU": 2.0}},
        {"NodeID": "c", "NodeName": "head", "Alive": True, "Resources": {}},
    ]
    assert alive(listed) == [
        Node("a", "one", cpus=2.0, memory_bytes=9.0),
        Node("c", "head", cpus=0.0, memory_bytes=0.0),
    ]


def test_a_trial_fits_where_cores_and_memory_both_do() -> None:
    nodes = [node(5, 4000), node(8, 1000), node(0, 9000)]
    assert slots(nodes, threads=2, memory_mb=1000, parallel=None) == 2 + 1 + 0


def test_outstanding_trials_are_the_demand_of_an_autoscaler() -> None:
    assert slots([], threads=1, memory_mb=1000, parallel=20) == 20
    assert slots([], threads=1, memory_mb=1000, parallel=None) == 1


def test_why_a_trial_waits() -> None:
    assert why_waiting([node(2, 4000)], 2, 1200) == (
        "waiting for a node with 2 CPUs and 1200 MiB free"
    )
    assert why_waiting([node(1, 4000)], 2, 1200) == (
        "waiting for a node with 2 CPUs and 1200 MiB: the cluster has none that large"
    )
