from __future__ import annotations

from msgspec.structs import replace

from daemon.sweeps.engines.ray.versions import difference, versions_here


def test_equal_versions_are_accepted() -> None:
    assert difference(versions_here(), "10.0.0.2", versions_here()) is None
    assert versions_here().bsk and versions_here().landerctl


def test_a_difference_names_both() -> None:
    here = replace(versions_here(), landerctl="0.2.0", bsk="2.12.1")
    there = replace(here, landerctl="0.1.0", bsk="")
    assert difference(here, "10.0.0.2", there) == (
        "node 10.0.0.2 has landerctl 0.1.0, bsk missing; the coordinator has landerctl 0.2.0, "
        "bsk 2.12.1: install the same versions on both"
    )
