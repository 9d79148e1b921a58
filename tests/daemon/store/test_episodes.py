"""Training episodes in the store."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from daemon.protocol.trainer import EpisodesEnded, FailedEpisode, OutcomeCount
from daemon.store.episodes import KEPT
from daemon.store.reader import StoreReader
from daemon.store.retention import KEEP_S
from daemon.store.writer import StoreWriter

FAILED = FailedEpisode(
    seed=2**64 - 1,
    stage=1,
    difficulty=1.0,
    cause="crashed",
    timesteps=1000,
    steps=200,
    flown_s=20.0,
    x_m=3.0,
    y_m=4.0,
    altitude_m=0.0,
    descent_rate_m_s=0.1,
    horizontal_speed_m_s=0.2,
    tilt_deg=70.0,
    spin_deg_s=1.0,
    touchdown_speed_m_s=9.5,
    fuel_fraction=0.4,
)
NOW_S = 1_800_000_000.0
ALL: dict[str, Any] = {"stage": None, "since_s": 0.0, "until_s": NOW_S}


def failed(count: int, **changes: object) -> list[FailedEpisode]:
    return [msgspec.structs.replace(FAILED, seed=seed, **changes) for seed in range(count)]


def test_counts_add_up_and_are_bounded_by_the_minute(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(StoreWriter.open(path)) as writer:
        for time_s in (60.0, 119.0, 120.0):
            counts = [OutcomeCount(1, "crashed", 3), OutcomeCount(2, "landed", 1)]
            writer.add_episodes("a", EpisodesEnded(time_s, counts, []))
        writer.add_episodes("b", EpisodesEnded(60.0, [OutcomeCount(1, "crashed", 99)], []))
    with StoreReader.open(path) as reader:
        assert reader.outcomes("a", **ALL) == [
            OutcomeCount(1, "crashed", 9),
            OutcomeCount(2, "landed", 3),
        ]
        assert reader.outcomes("a", stage=2, since_s=120.0, until_s=NOW_S) == [
            OutcomeCount(2, "landed", 1)
        ]


def test_the_newest_of_each_cause_and_stage_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(StoreWriter.open(path)) as writer:
        writer.add_episodes("a", EpisodesEnded(1.0, [], failed(1, cause="timeout")))
        writer.add_episodes("a", EpisodesEnded(2.0, [], failed(1, stage=2)))
        for number in range(3):
            writer.add_episodes("a", EpisodesEnded(3.0 + number, [], failed(KEPT)))
    with StoreReader.open(path) as reader:
        kept = reader.failed_episodes("a", cause=None, limit=-1, **ALL)
        assert len(kept) == KEPT + 2
        assert {one.time_s for one in kept if one.stage == 1 and one.cause == "crashed"} == {5.0}
        (late,) = reader.failed_episodes("a", cause="timeout", limit=5, **ALL)
        assert (late.time_s, late.seed) == (1.0, 0)
        newest = reader.failed_episodes("a", cause="crashed", limit=2, **ALL)
        assert [one.seed for one in newest] == [KEPT - 2, KEPT - 1]
        assert reader.failed_episodes("b", cause=None, limit=5, **ALL) == []


def test_a_64_bit_seed_is_kept_and_old_episodes_are_removed(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(StoreWriter.open(path)) as writer:
        for time_s in (NOW_S - KEEP_S - 60.0, NOW_S - KEEP_S + 60.0):
            counts = [OutcomeCount(1, "crashed", 1)]
            writer.add_episodes("a", EpisodesEnded(time_s, counts, [FAILED]))
        writer.remove_old_episodes(NOW_S)
    with StoreReader.open(path) as reader:
        (kept,) = reader.failed_episodes("a", cause=None, limit=-1, **ALL)
        assert kept.seed == FAILED.seed
        assert [one.count for one in reader.outcomes("a", **ALL)] == [1]
        reader.check()
