"""The history of a run, from a real store and real files."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from checks.evidence import Evidence, HistoryEvidence
from checks.gather import gather, with_config
from checks.milestones.history import with_history
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.catalog import Listing, list_checkpoints
from daemon.checkpoint.commit import commit_checkpoint
from daemon.config import load_config
from daemon.runs.creation import create_run
from daemon.runs.run_folder import set_current
from daemon.store.reader import SELDOM_EVENTS, StoreReader
from daemon.store.records import RunRecord
from daemon.store.writer import StoreWriter

BEGAN_S = 1_800_000_000.0
FILES = ("model.zip", "vecnormalize.npz", "vecnormalize.pkl", "training_state.json")


@pytest.fixture
def run(tmp_path: Path) -> RunPaths:
    paths = StatePaths(tmp_path)
    made = create_run(paths, load_config(None).config)
    set_current(paths, made.id)
    with closing(StoreWriter.open(paths.store)) as store, store.transaction():
        store.put_run(RunRecord(made.id, BEGAN_S, "curriculum", "ppo", 128))
        # An earlier run, whose samples must be ignored.
        store.add_event("trainer.running", "", time_s=BEGAN_S - 500.0, run_id="another")
        store.add_event("training.not_finite", "", time_s=BEGAN_S - 400.0, run_id="another")
        store.add_samples(BEGAN_S - 300.0, {"time/trained_s": 99_999.0, "train/learning_rate": 1.0})
        for name, after_s in (
            ("trainer.running", 10.0),
            ("checkpoint.saved", 15.0),
            ("checkpoint.saved", 20.0),
            ("trainer.running", 5000.0),
            ("stage.failed", 6000.0),
        ):
            store.add_event(name, "", time_s=BEGAN_S + after_s, run_id=made.id)
    return made


def train(run: RunPaths, to_s: float, success_rate: float, since_s: float = 0.0) -> None:
    """Write a sample every ten minutes; the pause is as long as the start took."""
    with closing(StoreWriter.open(run.folder.parents[1] / "store.db")) as store:
        for trained_s in range(int(since_s), int(to_s) + 1, 600):
            values = {"time/trained_s": float(trained_s), "rollout/ep_len_mean": trained_s / 10.0}
            values |= {"episode/success_rate_100": success_rate, "curriculum/current_stage": 1.0}
            store.add_samples(BEGAN_S + 1000.0 + trained_s, values)


def save(run: RunPaths, files: tuple[str, ...] = FILES) -> Path:
    def build(folder: Path) -> None:
        for name in files:
            (folder / name).write_bytes(os.urandom(100))

    manifest = commit_checkpoint(
        run.checkpoints,
        build=build,
        run_id=run.id,
        kind="gate",
        created_s=BEGAN_S,
        algorithm="ppo",
        timesteps=5,
        stage=1,
        versions={},
        success_rate=None,
        reward_mean=None,
    )
    return run.checkpoints / manifest.id


def evidence_of(run: RunPaths, after_s: float = 100_000.0) -> Evidence:
    paths = StatePaths(run.folder.parents[1])
    return with_history(gather(paths, BEGAN_S + after_s), paths)


def history_of(run: RunPaths, after_s: float = 100_000.0) -> HistoryEvidence:
    history = evidence_of(run, after_s).history
    assert history is not None
    return history


def test_the_hour_ends_after_an_hour_of_training(run: RunPaths) -> None:
    train(run, 7200.0, 0.25)
    history = history_of(run)
    assert history.trained_s == 7200.0
    assert (history.hour.full, history.hour.until_s) == (True, BEGAN_S + 4600.0)
    assert history.hour.newest["rollout/ep_len_mean"] == 360.0
    assert history.hour.succeeded
    assert (history.day.full, history.day.until_s) == (False, BEGAN_S + 100_000.0)
    assert history.day.newest["rollout/ep_len_mean"] == 720.0
    assert "train/learning_rate" not in history.day.newest


def test_only_the_run_s_events_count_and_the_first_of_a_kind(run: RunPaths) -> None:
    history = history_of(run)
    assert history.began_s == BEGAN_S + 10.0
    assert history.first_checkpoint_s == BEGAN_S + 15.0
    assert [event.name for event in history.events] == [
        "trainer.running",
        "trainer.running",
        "stage.failed",
    ]
    assert (history.trained_s, history.hour.full, history.hour.newest) == (0.0, False, {})
    assert not history.hour.succeeded


def test_success_means_are_computed_only_without_an_advance(run: RunPaths) -> None:
    train(run, 4800.0, 0.5)
    train(run, 7200.0, 0.25, since_s=5400.0)
    assert history_of(run, 8200.0).success_quarters == (0.5, 0.25)
    with closing(StoreWriter.open(run.folder.parents[1] / "store.db")) as store:
        store.add_event("stage.ramped", "", time_s=BEGAN_S + 8000.0, run_id=run.id)
    assert history_of(run, 8200.0).success_quarters is None


def test_a_checkpoint_with_a_missing_or_resized_file(run: RunPaths) -> None:
    assert history_of(run).checkpoint_problem is None
    folder = save(run)
    assert history_of(run).checkpoint_problem is None
    with (folder / "model.zip").open("ab") as stream:
        stream.write(b"more")
    problem = history_of(run).checkpoint_problem
    assert problem == f"{folder.name}: model.zip has 104 bytes of 100"
    (folder / "model.zip").unlink()
    assert "No such file" in (history_of(run).checkpoint_problem or "")
    folder = save(run, FILES[:2])
    assert history_of(run).checkpoint_problem == f"{folder.name} has no vecnormalize.pkl"


def test_limits_event_files_and_evaluations(run: RunPaths) -> None:
    history = history_of(run)
    assert history.episode_limits == (600, 900, 1200, 1600, 4000)
    assert (history.tensorboard_s, history.evaluated) == (None, False)
    for name, time_s in (("a", 50.0), ("b", 40.0)):
        (run.tensorboard / name).touch()
        os.utime(run.tensorboard / name, (time_s, time_s))
    (run.evaluations / ".hidden.json").touch()
    assert (history_of(run).tensorboard_s, history_of(run).evaluated) == (50.0, False)
    (run.evaluations / "one.json").touch()
    assert history_of(run).evaluated


@pytest.mark.parametrize("content", [b"{", b'{"\xff": 1}', b'{"fleet": ' + b"[" * 100_000])
def test_a_damaged_frozen_configuration_gives_no_limits(run: RunPaths, content: bytes) -> None:
    run.config.write_bytes(content)
    assert history_of(run).episode_limits == ()


def test_a_run_s_rare_events_are_found_without_reading_all(run: RunPaths) -> None:
    with closing(sqlite3.connect(run.folder.parents[1] / "store.db")) as connection:
        plan = connection.execute(
            f"EXPLAIN QUERY PLAN {SELDOM_EVENTS} AND name IN (?) ORDER BY id LIMIT ?",
            (run.id, "trainer.crashed", 1),
        ).fetchall()
    [(*_, how)] = plan
    assert how == "SEARCH events USING INDEX seldom_events (run_id=?)"
    with StoreReader.open(run.folder.parents[1] / "store.db") as store:
        assert store.seldom_events(run.id, ["checkpoint.saved"], 10) == []


def test_checkpoints_are_listed_once(run: RunPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = save(run)
    listed: list[Path] = []

    def spy(path: Path) -> Listing:
        listed.append(path)
        return list_checkpoints(path)

    monkeypatch.setattr("checks.sources.states.list_checkpoints", spy)
    paths = StatePaths(run.folder.parents[1])
    evidence = with_config(gather(paths, BEGAN_S), paths, (), {})
    assert listed == [run.checkpoints]
    assert evidence.backups is not None
    assert evidence.backups.missing_id == folder.name
