"""Ancestors and forks."""

from __future__ import annotations

from daemon.runs.metadata import Parent, RunMetadata
from landerctl.operations.runs.lineage import ancestors, forks_of, tree


def metadata(name: str, parent: str | None = None, created_s: float = 0.0) -> RunMetadata:
    origin = None if parent is None else Parent(parent, f"of-{parent}", 7)
    return RunMetadata(name=name, created_s=created_s, parent=origin)


KNOWN = {
    "1": metadata("one"),
    "2": metadata("two", "1", 2.0),
    "3": metadata("three", "1", 1.0),
    "4": metadata("four", "2", 3.0),
    "5": metadata("five", "removed"),
}


def test_forks_are_a_tree_in_the_order_of_their_creation() -> None:
    assert tree(forks_of("1", KNOWN)) == [
        "three (3) from of-1",
        "two (2) from of-1",
        "  four (4) from of-2",
    ]
    assert forks_of("4", KNOWN) == ()


def test_ancestors_end_where_a_run_is_unknown() -> None:
    assert [one.run_id for one in ancestors("4", KNOWN)] == ["2", "1"]
    assert [one.run_id for one in ancestors("5", KNOWN)] == ["removed"]
    assert ancestors("1", KNOWN) == []


def test_a_circle_written_by_hand_ends() -> None:
    circle = {"1": metadata("one", "2"), "2": metadata("two", "1")}
    assert [one.run_id for one in ancestors("1", circle)] == ["2"]
    assert tree(forks_of("1", circle)) == ["two (2) from of-1"]
