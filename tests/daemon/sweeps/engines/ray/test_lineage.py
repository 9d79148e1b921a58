from __future__ import annotations

import pytest

from daemon.sweeps.engines.ray.lineage import PlacedElsewhereError, Plan, epochs, plan_placement

RECORD = "run-1/000003-3000-interval/backup.json"


def objects(*paths: str) -> dict[str, int]:
    return dict.fromkeys(paths, 100)


def test_the_first_placement_begins_a_home() -> None:
    assert plan_placement(1, {}, []) == Plan(home=1, fence=(), sources=())


def test_the_next_leg_continues_the_home_of_its_node() -> None:
    sizes = objects(f"00001/{RECORD}")
    assert plan_placement(2, sizes, [1]) == Plan(home=1, fence=(), sources=(1,))


def test_every_placement_between_is_fenced_off_though_it_left_nothing() -> None:
    # Epoch 2 was placed on a node that has not begun yet.
    assert plan_placement(3, objects(f"00001/{RECORD}"), [1]).fence == (2,)


def test_elsewhere_a_home_begins_with_the_backups_of_the_last() -> None:
    sizes = objects(f"00001/{RECORD}", "00001/fenced", f"00003/{RECORD}", "00002/fenced")
    assert plan_placement(4, sizes, []) == Plan(home=4, fence=(3,), sources=(3, 1))


def test_a_home_that_was_fenced_off_is_not_continued() -> None:
    sizes = objects(f"00001/{RECORD}", "00001/fenced", f"00002/{RECORD}")
    assert plan_placement(3, sizes, [1]) == Plan(home=3, fence=(2,), sources=(2, 1))


def test_a_home_older_than_another_with_backups_is_not_continued() -> None:
    # Both were placed at the same time: neither has seen the other's fence.
    sizes = objects(f"00001/{RECORD}", f"00002/{RECORD}")
    assert plan_placement(3, sizes, [1]).home == 3


def test_backups_without_a_record_are_no_source() -> None:
    assert plan_placement(2, objects("00001/run-1/000003-3000-interval/model.zip"), []) == Plan(
        home=2, fence=(1,), sources=()
    )


def test_the_same_order_again_continues_its_own_home() -> None:
    sizes = objects(f"00002/{RECORD}", "00001/fenced")
    assert plan_placement(2, sizes, [2]) == Plan(home=2, fence=(), sources=(2,))


@pytest.mark.parametrize("newer", ["00003/fenced", "00004/run-1/x/model.zip", "00005/fenced"])
def test_a_late_placement_is_refused(newer: str) -> None:
    with pytest.raises(PlacedElsewhereError, match="of this trial is newer than 3"):
        plan_placement(3, objects(f"00001/{RECORD}", newer), [1])


def test_only_numbers_are_epochs() -> None:
    assert epochs(["00001", "00012", "x", "123", "00003.tmp"]) == {1, 12}
