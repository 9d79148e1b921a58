"""Real trainings in this process: checkpoints, orders, resume."""

from __future__ import annotations

import fcntl
import itertools
import os
import resource
import signal
import zipfile
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from stable_baselines3.common.running_mean_std import RunningMeanStd
from tensorboard.backend.event_processing.event_accumulator import (  # type: ignore[import-untyped]
    EventAccumulator,
)

from daemon.base.exitcodes import TrainerExit
from daemon.base.paths import RunPaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import verify
from daemon.protocol.trainer import (
    CheckpointSaved,
    EpisodesEnded,
    EventReport,
    Failed,
    Hello,
    Metrics,
    Progress,
    Report,
    Save,
    Startup,
    Stop,
    encode_line,
    report_decoder,
)
from daemon.runs.run_folder import read_run_config, write_run_config
from daemon.store.catalogs.metric_catalog import KINDS, find_kind
from daemon.trainer.algorithms import factory
from daemon.trainer.algorithms.normalizer import build_normalizer
from daemon.trainer.channel import ORDER_FD, REPORT_FD, Channel
from daemon.trainer.checkpointing.save_restore import load_model
from daemon.trainer.commands.train import train
from daemon.trainer.fleets import build_fleet
from daemon.trainer.health.errors import SaveError, UnusableCheckpointError, UnusableConfigError
from daemon.trainer.loop.train_run import train_run
from env.physics.vehicles import APOLLO_LM
from tests.daemon.trainer.conftest import make_run, small_config
from tests.daemon.trainer.quiet_startup import quiet_startup, startup_of


class Watched:
    """A training whose reports are read from a real pipe after its end."""

    def __init__(self, run: RunPaths, orders: bytes = b"", *, orphan: bool = False) -> None:
        self._read_end, report_end = os.pipe()
        os.set_blocking(self._read_end, False)
        # A start that compiles reports every second, and nobody reads before the end.
        fcntl.fcntl(report_end, fcntl.F_SETPIPE_SZ, 1 << 20)
        order_end, write_end = os.pipe()
        os.write(write_end, orders)
        if orphan:
            os.close(write_end)
        channel = Channel({REPORT_FD: str(report_end), ORDER_FD: str(order_end)})
        startup = startup_of(run, channel.send)
        try:
            self.how = train_run(run, read_run_config(run), channel, startup, fresh=False)
        finally:
            startup.abandon()
        os.close(report_end)
        self.reports: list[Report] = [
            report_decoder.decode(line) for line in self._all().splitlines()
        ]

    def _all(self) -> bytes:
        data = b""
        while block := os.read(self._read_end, 1 << 16):
            data += block
        return data


def test_a_training_reports_its_start_until_the_first_rollout(run: RunPaths) -> None:
    kinds = [
        report.current.name if isinstance(report, Startup) else type(report).__name__
        for report in Watched(run).reports
        if isinstance(report, Startup | Progress)
    ]
    steps = [kind for kind, _ in itertools.groupby(kinds)]
    assert steps == ["importing", "building", "collecting", "Progress"]
    config = read_run_config(run)
    steps_more = msgspec.structs.replace(config.run, timesteps=2 * config.run.timesteps)
    write_run_config(run, msgspec.structs.replace(config, run=steps_more))
    resumed = [r for r in Watched(run).reports if isinstance(r, Startup)]
    assert [step.name for step in resumed[-1].over][-1] == "restoring"
    assert all(step.elapsed_s is not None for step in resumed[-1].over)


def test_a_completed_training_ends_at_once_and_saves_nothing(run: RunPaths) -> None:
    assert Watched(run).how is TrainerExit.COMPLETED
    saved = list_checkpoints(run.checkpoints).whole
    again = Watched(run)
    assert again.how is TrainerExit.COMPLETED
    assert not any(isinstance(report, CheckpointSaved | Progress) for report in again.reports)
    assert list_checkpoints(run.checkpoints).whole == saved


def test_a_training_completes_with_reports_and_intact_checkpoints(run: RunPaths) -> None:
    watched = Watched(run)
    assert watched.how is TrainerExit.COMPLETED
    (hello,) = [r for r in watched.reports if isinstance(r, Hello)]
    assert hello.resumed_from is None
    progress = [r for r in watched.reports if isinstance(r, Progress)]
    assert [p.timesteps for p in progress] == [128, 256, 384, 512]
    ended = [r for r in watched.reports if isinstance(r, EpisodesEnded)]
    # Also those of the last rollouts, before the next report was due.
    assert sum(one.count for report in ended for one in report.counts) == progress[-1].episodes
    assert all(one.timesteps <= 512 for report in ended for one in report.failed)
    metrics = [r for r in watched.reports if isinstance(r, Metrics)]
    assert {"time/fps", "curriculum/current_stage", "train/value_loss"} <= set(metrics[-1].values)
    saved = [r for r in watched.reports if isinstance(r, CheckpointSaved)]
    listing = list_checkpoints(run.checkpoints)
    assert [m.id for m in listing.whole] == [s.id for s in saved]
    assert [m.kind for m in listing.whole] == ["interval", "final"]
    assert not listing.damaged
    for manifest in listing.whole:
        verify(run.checkpoints / manifest.id)
        assert set(manifest.files) == {
            "model.zip",
            "vecnormalize.pkl",
            "vecnormalize.npz",
            "fleet.npz",
            "training_state.json",
        }
    assert list(run.tensorboard.glob("events.out.tfevents.*"))


def test_the_last_model_is_evaluated_before_the_end(tmp_path: Path) -> None:
    config = small_config(mode="curriculum")
    few = msgspec.structs.replace(config.evaluation, episodes=4)
    run = make_run(tmp_path / "run", msgspec.structs.replace(config, evaluation=few))
    assert Watched(run).how is TrainerExit.COMPLETED
    kinds = [(m.kind, m.timesteps) for m in list_checkpoints(run.checkpoints).whole]
    assert kinds == [("interval", 256), ("best", 512), ("final", 512)]
    shown = EventAccumulator(str(run.tensorboard)).Reload()
    assert [one.step for one in shown.Scalars("eval/best_success_rate")] == [512]
    assert [one.step for one in shown.Images("eval/touchdowns")] == [512]
    assert len(shown.PluginTagToContent("hparams")) == 3  # what it began with, and its end


def test_orders_save_and_stop_at_the_rollouts_end(run: RunPaths) -> None:
    watched = Watched(run, encode_line(Save("manual")) + encode_line(Stop("asked")))
    assert watched.how is TrainerExit.STOPPED
    kinds = [(m.kind, m.timesteps) for m in list_checkpoints(run.checkpoints).whole]
    assert kinds == [("manual", 128), ("stop", 128)]


def test_without_a_supervisor_the_training_saves_and_ends(run: RunPaths) -> None:
    watched = Watched(run, orphan=True)
    assert watched.how is TrainerExit.ORPHANED
    assert list_checkpoints(run.checkpoints).whole[-1].kind == "stop"


@pytest.mark.parametrize("algorithm", ["ppo", "sac", "td3"])
def test_every_algorithm_trains_stops_and_resumes(algorithm: str, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", small_config(algorithm=algorithm, timesteps=320))
    assert Watched(run, encode_line(Stop("asked"))).how is TrainerExit.STOPPED
    stopped = list_checkpoints(run.checkpoints).whole[-1]
    assert 0 < stopped.timesteps < 320
    resumed = Watched(run)
    assert resumed.how is TrainerExit.COMPLETED
    (hello,) = [r for r in resumed.reports if isinstance(r, Hello)]
    assert (hello.resumed_from, hello.timesteps) == (stopped.id, stopped.timesteps)
    assert list_checkpoints(run.checkpoints).whole[-1].timesteps >= 320
    recorded = {name for r in resumed.reports if isinstance(r, Metrics) for name in r.values}
    assert {name for name in recorded if find_kind(name) is None} == set()
    learning = {k.name for k in KINDS if algorithm in k.algorithms and k.name.startswith("train/")}
    assert {name for name in recorded if name.startswith("train/")} == learning


def test_another_vehicle_trains_with_its_own_actions(tmp_path: Path) -> None:
    config = small_config(timesteps=384)
    fleet = msgspec.structs.replace(config.fleet, vehicle=APOLLO_LM.name)
    run = make_run(tmp_path / "run", msgspec.structs.replace(config, fleet=fleet))
    watched = Watched(run)
    assert watched.how is TrainerExit.COMPLETED
    progress = [r for r in watched.reports if isinstance(r, Progress)]
    assert [p.timesteps for p in progress] == [128, 256, 384]
    final = list_checkpoints(run.checkpoints).whole[-1]
    policy = torch.load(folder_member(run.checkpoints / final.id, "policy.pth"), weights_only=True)
    assert policy["action_net.bias"].shape == (APOLLO_LM.n_actions,)
    assert torch.isfinite(policy["action_net.weight"]).all()


def test_a_checkpoint_restores_parameters_optimiser_and_statistics_to_the_bit(
    run: RunPaths,
) -> None:
    Watched(run, encode_line(Stop("asked")))
    folder = run.checkpoints / list_checkpoints(run.checkpoints).whole[-1].id
    config = small_config()
    loaded = []
    for _ in range(2):
        fleet = build_fleet(config, config.curriculum.stages[0], 4)
        normalizer = build_normalizer(config, fleet, training=True)
        loaded.append((load_model(folder, config, normalizer), normalizer))
    saved = torch.load(folder_member(folder, "policy.pth"), weights_only=True)
    for model, normalizer in loaded:
        for name, parameter in model.policy.state_dict().items():
            assert torch.equal(parameter, saved[name])
        with np.load(folder / "vecnormalize.npz") as arrays:
            assert isinstance(normalizer.obs_rms, RunningMeanStd)
            assert np.array_equal(normalizer.obs_rms.mean, arrays["observation_mean"])
            assert arrays["observation_count"] > 100
    assert loaded[0][0].num_timesteps == 128


def folder_member(folder: Path, name: str) -> Path:
    """A file of the model's archive, unpacked beside it."""
    with zipfile.ZipFile(folder / "model.zip") as archive:
        return Path(archive.extract(name, folder.parent.parent / "unpacked"))


def test_statistics_of_another_shape_are_refused_by_name(run: RunPaths) -> None:
    Watched(run, encode_line(Stop("asked")))
    folder = run.checkpoints / list_checkpoints(run.checkpoints).whole[-1].id
    with np.load(folder / "vecnormalize.npz") as arrays:
        changed = dict(arrays) | {"observation_mean": np.zeros(3)}
    np.savez(folder / "vecnormalize.npz", **changed)
    config = small_config()
    fleet = build_fleet(config, config.curriculum.stages[0], 4)
    with pytest.raises(UnusableCheckpointError, match="observation statistics have shape"):
        load_model(folder, config, build_normalizer(config, fleet, training=True))


def test_an_unknown_vehicle_names_the_known_ones() -> None:
    config = small_config()
    unknown = msgspec.structs.replace(
        config, fleet=msgspec.structs.replace(config.fleet, vehicle="saucer")
    )
    with pytest.raises(UnusableConfigError, match=r"'saucer'.*starship-hls"):
        build_fleet(unknown, config.curriculum.stages[0], 1)


def test_the_default_batch_always_fits_its_rollout() -> None:
    config = small_config(n_envs=1)
    fleet = build_fleet(config, config.curriculum.stages[0], 1)
    model = factory.build(config, build_normalizer(config, fleet, training=True))
    assert model.batch_size <= config.ppo.n_steps  # type: ignore[attr-defined]


# SB3's unfinished archive retries its write when garbage collected, and fails again.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_checkpoint_that_cannot_be_written_is_reported_and_the_last_sets_the_exit_code(
    run: RunPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel refuses writes beyond 8 KiB per file, as on a full disk."""
    read_end, report_end = os.pipe()
    monkeypatch.setenv(REPORT_FD, str(report_end))
    monkeypatch.delenv(ORDER_FD, raising=False)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
    try:
        how = train(run, fresh=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        for number, handler in handlers.items():
            signal.signal(number, handler)
    os.close(report_end)
    reports = [report_decoder.decode(line) for line in os.read(read_end, 1 << 20).splitlines()]
    failed = [r for r in reports if isinstance(r, EventReport) and r.name == "checkpoint.failed"]
    assert how is TrainerExit.CANNOT_SAVE
    assert len(failed) == 2  # the interval one, after which training continued, and the final one
    assert "File too large" in failed[0].text
    assert isinstance(reports[-1], Failed)
    assert list(run.checkpoints.iterdir()) == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_stop_only_if_saved_continues_training_if_it_cannot_save(run: RunPaths) -> None:
    orders = encode_line(Stop("asked", only_if_saved=True))
    read_end, report_end = os.pipe()
    order_end, write_end = os.pipe()
    os.write(write_end, orders)
    channel = Channel({REPORT_FD: str(report_end), ORDER_FD: str(order_end)})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
    try:
        with pytest.raises(SaveError):
            train_run(run, read_run_config(run), channel, quiet_startup(run), fresh=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    reports = [report_decoder.decode(line) for line in os.read(read_end, 1 << 20).splitlines()]
    failed = [r for r in reports if isinstance(r, EventReport) and r.name == "checkpoint.failed"]
    assert [report.body["kind"] for report in failed][::2] == ["stop", "final"]
    assert [r.timesteps for r in reports if isinstance(r, Progress)][-1] == 512

    watched = Watched(run, orders)
    assert watched.how is TrainerExit.STOPPED
    [saved] = [r for r in watched.reports if isinstance(r, CheckpointSaved)]
    assert (saved.kind, saved.timesteps) == ("stop", 128)


def test_a_run_with_a_damaged_configuration_is_never_restarted(run: RunPaths) -> None:
    run.config.write_bytes(b'{"run": ')
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    how = train(run, fresh=False)
    for number, handler in handlers.items():
        signal.signal(number, handler)
    assert how is TrainerExit.CONFIG
