"""Rewinding to the last good checkpoint, with real files, models and fleet."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from stable_baselines3.common.running_mean_std import RunningMeanStd

from daemon.base.paths import RunPaths
from daemon.checkpoint.manifest import Manifest
from daemon.config import load_config
from daemon.protocol.trainer import EventReport, report_decoder
from daemon.trainer.channel import REPORT_FD, Channel
from daemon.trainer.checkpointing.rewind import next_seed, rewind
from daemon.trainer.checkpointing.save_restore import Trained, save_checkpoint
from daemon.trainer.curriculum.record import StageRecord
from daemon.trainer.health.errors import DivergedError
from daemon.trainer.health.finite_guards import (
    FlightGuard,
    NotFiniteError,
    check_update,
    guard_updates,
)
from daemon.trainer.health.rewind_limit import GiveUp, RewindCount, judge
from tests.daemon.trainer.conftest import make_run, small_config
from tests.daemon.trainer.corrupted import ALGORITHMS, Bench, corrupt_velocity, same

GUARDS = load_config(None).config.guards
RECORD = StageRecord(2, 100, 1.5, ramp_step=1)
FAULT = NotFiniteError("gradient", "value_net.weight")


class Mission(Bench):
    """A bench with a run's folder, and a pipe whose events can be read."""

    def __init__(self, folder: Path, algorithm: str = "ppo", **corrupted: Any) -> None:
        super().__init__(small_config(algorithm=algorithm), **corrupted)
        self.run: RunPaths = make_run(folder / "run", self.config)
        self.guard = FlightGuard(self.normalizer, self.names)
        guard_updates(self.model)
        self._read_end, report_end = os.pipe()
        self._channel = Channel({REPORT_FD: str(report_end)})

    def save(self) -> Manifest:
        """Save a checkpoint of the current state."""
        return save_checkpoint(self.run, self.config, "interval", self._trained())

    def recover(self, error: NotFiniteError = FAULT, returns: RewindCount | None = None) -> Trained:
        back = rewind(
            error,
            self._trained(returns),
            run=self.run,
            config=self.config,
            stages=self.config.curriculum.stages,
            channel=self._channel,
        )
        self.model = back.model
        guard_updates(self.model)
        return back

    def _trained(self, returns: RewindCount | None = None) -> Trained:
        fleet, normalizer = self.fleet, self.normalizer
        found = Trained(self.model, normalizer, fleet, RECORD, trained_s=3.0)
        found.rewinds = returns or RewindCount()
        return found

    def events(self) -> list[EventReport]:
        """The events since the last call, at least one."""
        reports = [
            report_decoder.decode(line)
            for line in os.read(self._read_end, 1 << 16).split(b"\n")
            if line
        ]
        return [report for report in reports if isinstance(report, EventReport)]

    def everything(self) -> dict[str, torch.Tensor]:
        """A copy of all numbers that learning changes."""
        found: dict[str, torch.Tensor] = {}

        def walk(path: str, value: Any) -> None:
            if isinstance(value, dict):
                for key, inner in value.items():
                    walk(f"{path}.{key}", inner)
            else:
                found[path] = torch.as_tensor(value).detach().clone()

        walk("", {k: v for k, v in self.model.get_parameters().items() if k == "policy"})
        for name, part in self.model.get_parameters().items():
            if name != "policy":
                walk(name, part["state"])
        moments = self.normalizer.obs_rms
        assert isinstance(moments, RunningMeanStd)
        for name, one in (("observation", moments), ("return", self.normalizer.ret_rms)):
            walk(name, {"mean": one.mean, "var": one.var, "count": one.count})
        counters = {name: getattr(self.model, name) for name in ("num_timesteps", "_n_updates")}
        walk("counters", counters)
        if (coefficient := getattr(self.model, "log_ent_coef", None)) is not None:
            walk("log_ent_coef", coefficient)
        if (replay := getattr(self.model, "replay_buffer", None)) is not None:
            walk("replay", {"rewards": replay.rewards, "next_row": replay.next_row})
        return found


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_everything_that_learning_changed_is_restored_and_training_continues(
    algorithm: str, tmp_path: Path
) -> None:
    mission = Mission(tmp_path, algorithm, step=70, reward=math.nan)
    mission.learn(160, mission.guard)
    checkpoint, before = mission.save(), mission.everything()
    with pytest.raises(NotFiniteError) as caught:
        mission.learn(4000, mission.guard)
    assert not same(before, mission.everything())
    returned = mission.recover(caught.value)
    assert same(before, mission.everything())
    assert returned.record == RECORD
    assert returned.rewinds == RewindCount(1, 70 * 4)
    (event,) = mission.events()
    timesteps = 70 * 4
    assert (event.name, event.severity) == ("training.not_finite", "critical")
    assert event.body == {
        "what": "reward",
        "where": "lander 1, reward nan",
        "timesteps": timesteps,
        "checkpoint": checkpoint.id,
    }
    assert event.text == (
        f"reward is not finite: lander 1, reward nan, at {timesteps} steps; "
        f"training rewinds to {checkpoint.id}"
    )
    mission.learn(160, mission.guard)
    check_update(mission.model)
    assert mission.model.num_timesteps >= checkpoint.timesteps + 160
    assert not same(before, mission.everything())


def test_the_next_rollout_differs_but_is_reproducible(tmp_path: Path) -> None:
    """With the checkpoint's own random state the fault would recur."""
    mission = Mission(tmp_path)
    mission.learn(128, mission.guard)
    mission.save()
    flown = []
    for returns in (RewindCount(), RewindCount(), RewindCount(1, 128)):
        mission.model.num_timesteps = 256
        mission.recover(returns=returns)
        mission.learn(128, mission.guard)
        flown.append(mission.everything())
    assert same(flown[0], flown[1])
    assert not same(flown[0], flown[2])


def test_a_craft_with_a_nan_position_flies_again_after_the_rewind(tmp_path: Path) -> None:
    mission = Mission(tmp_path)
    mission.learn(128, mission.guard)
    mission.save()
    corrupt_velocity(mission.fleet, 2)
    with pytest.raises(NotFiniteError) as caught:
        mission.learn(128, mission.guard)
    mission.recover(caught.value)
    mission.learn(256, mission.guard)
    check_update(mission.model)


def test_the_guards_are_active_after_the_rewind(tmp_path: Path) -> None:
    mission = Mission(tmp_path, step=70, reward=math.nan)
    mission.learn(128)
    mission.save()
    mission.recover()
    with pytest.raises(NotFiniteError, match="gradient"):
        mission.learn(4000)


def corrupt_parameters(mission: Mission) -> None:
    mission.model.policy.value_net.weight.data[0, 0] = math.nan  # type: ignore[operator,union-attr]


def corrupt_optimiser(mission: Mission) -> None:
    (state, *_) = mission.model.policy.optimizer.state.values()
    state["exp_avg"][0] = math.inf


def corrupt_statistics(mission: Mission) -> None:
    assert isinstance(mission.normalizer.obs_rms, RunningMeanStd)
    mission.normalizer.obs_rms.var[3] = math.nan


@pytest.mark.parametrize(
    ("corrupt", "fault"),
    [
        (corrupt_parameters, "model.zip: policy.value_net.weight is not finite"),
        (corrupt_optimiser, "model.zip: policy.optimizer.state.0.exp_avg is not finite"),
        (corrupt_statistics, "vecnormalize.npz: observation_var is not finite"),
    ],
)
def test_non_finite_checkpoints_are_skipped_by_name(
    corrupt: Callable[[Mission], None], fault: str, tmp_path: Path
) -> None:
    mission = Mission(tmp_path)
    mission.learn(128)
    good, before = mission.save(), mission.everything()
    corrupt(mission)
    bad = mission.save()
    damaged = mission.save()
    with (mission.run.checkpoints / damaged.id / "training_state.json").open("ab") as stream:
        stream.write(b" ")
    mission.recover()
    assert same(before, mission.everything())
    first, second, returned = mission.events()
    assert returned.body["checkpoint"] == good.id
    assert [first.name, second.name, returned.name] == [
        "checkpoint.damaged",
        "checkpoint.damaged",
        "training.not_finite",
    ]
    assert (first.body, second.body) == ({"id": damaged.id}, {"id": bad.id})
    assert "training_state.json has" in first.text
    assert second.text == f"{bad.id}: {fault}; skipped by the rewind"


def test_a_checkpoint_with_a_non_finite_replay_buffer_is_skipped(tmp_path: Path) -> None:
    mission = Mission(tmp_path, "sac")
    mission.learn(128)
    good = mission.save()
    replay: Any = mission.model.replay_buffer  # type: ignore[attr-defined]
    replay.rewards[replay.next_row[0] - 1, 0] = math.nan
    bad = mission.save()
    mission.recover()
    first, returned = mission.events()
    assert returned.body["checkpoint"] == good.id
    assert first.text.startswith(f"{bad.id}: replay_buffer.npz: rewards is not finite")


def test_without_a_checkpoint_or_after_too_many_rewinds_training_ends_with_the_reason(
    tmp_path: Path,
) -> None:
    mission = Mission(tmp_path)
    mission.learn(128)
    with pytest.raises(
        DivergedError, match=r"no checkpoint to rewind to: start a new run .* start --fresh"
    ):
        mission.recover()
    (event,) = mission.events()
    assert event.body["checkpoint"] is None
    mission.save()
    before = mission.everything()
    with pytest.raises(DivergedError) as caught:
        mission.recover(returns=RewindCount(GUARDS.max_returns, 100))
    assert str(caught.value).startswith(
        "gradient is not finite: value_net.weight, at 128 steps; no progress of 1,000,000 "
        "steps after 3 rewinds to checkpoints: roll back further (landerctl rollback --to ID), "
        "or start a new run"
    )
    assert same(before, mission.everything())


FAR = GUARDS.progress_steps


@pytest.mark.parametrize(
    ("returns", "timesteps", "verdict"),
    [
        (RewindCount(), 5, RewindCount(1, 5)),
        (RewindCount(), 2 * FAR, RewindCount(1, 2 * FAR)),
        (RewindCount(1, 500), 400, RewindCount(2, 500)),
        (RewindCount(2, 500), 499 + FAR, RewindCount(3, 499 + FAR)),
        (RewindCount(3, 500), 499 + FAR, None),
        (RewindCount(3, 500), 500 + FAR, RewindCount(1, 500 + FAR)),
    ],
)
def test_rewinds_are_counted_until_training_makes_progress(
    returns: RewindCount, timesteps: int, verdict: RewindCount | None
) -> None:
    decided = judge(returns, timesteps, GUARDS)
    assert isinstance(decided, GiveUp) if verdict is None else decided == verdict


def test_rewinds_can_be_forbidden() -> None:
    never = msgspec.structs.replace(GUARDS, max_returns=0)
    assert isinstance(judge(RewindCount(), 10 * FAR, never), GiveUp)


def test_every_rewind_has_a_different_seed() -> None:
    seeds = [next_seed(42, timesteps, count) for timesteps in (0, 1, 2) for count in (1, 2, 3)]
    assert len(set(seeds)) == len(seeds)
    assert next_seed(42, 2, 3) == seeds[-1]
    assert all(0 <= seed < 2**32 for seed in seeds)


@pytest.mark.parametrize("fault", ['"count":-1', '"furthest":-1', '"more":1'])
def test_an_invalid_count_is_refused(fault: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode("{" + fault + "}", type=RewindCount)
