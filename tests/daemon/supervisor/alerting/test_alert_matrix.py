"""Every default rule of config.toml: its cause appears, one notice; the cause goes, one notice.

A real supervisor over a real process that reports, leaks, opens files and crashes as ordered; only
the clock is accelerated, so that an hour passes in seconds.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from daemon.config import load_config
from daemon.protocol.control import BackupRequest
from daemon.protocol.trainer import EventReport
from daemon.runs.run_folder import write_run_config
from daemon.store.reader import StoreReader
from daemon.store.records import Status
from tests.daemon.fake_trainer import Script
from tests.daemon.harness import Home
from tests.daemon.supervisor.alerting.rules import DEFAULT_RULES, rule_toml, toml
from tests.waiting import eventually

SPEEDUP = 400.0
HOUR_S = 3600.0
PATIENCE_S = 40.0
# Metrics of the machine, which the test cannot control: it changes the threshold instead.
MACHINE = {"disk-low", "memory-high", "swap-used", "cpu-contended"}
HEALTHY = Script(
    stage=5,
    stage_steps=3_000_000,
    metrics={
        "time/fps": 20_000.0,
        "episode/success_rate_100": 0.97,
        "curriculum/reward_100": 1500.0,
        "curriculum/gate_margin": 0.32,
        "landing/fuel_left": 0.48,
        "landing/distance_m": 4.0,
        "rollout/ep_len_mean": 1900.0,
        "rollout/ep_rew_mean": 1500.0,
        "curriculum/regressions": 0.0,
    },
)


def happened(name: str, **body: str | int) -> EventReport:
    return EventReport(name, "warning", name, dict(body))


FAULTY = Script(
    stage=5,
    stage_steps=3_000_000,
    metrics={
        "time/fps": 499.0,  # speed-low
        "episode/success_rate_100": 0.49,  # stage-5-success-low
        "curriculum/reward_100": -451.0,  # stage-5-reward-low, reward-diverged
        "curriculum/gate_margin": -0.01,  # success-below-gate
        "landing/fuel_left": 0.19,  # fuel-low
        "landing/distance_m": 15.5,  # precision-low
        "rollout/ep_len_mean": 3601.0,  # episodes-long
        "curriculum/regressions": 3.0,  # stage-regressing
    },
    not_finite=["rollout/ep_rew_mean"],  # reward-not-finite
    events=[
        happened("training.diverging", sign="reward"),  # reward-dropping
        happened("training.diverging", sign="kl"),  # updates-diverging
    ],
    memory_bytes=520_000_000,  # memory-per-lander, with one lander
    leak_bytes=2_000_000,  # memory-growing
    descriptors=501,  # descriptors-leaking
    zombies=1,  # zombies
)
RECOVERED = msgspec.structs.replace(
    HEALTHY,
    events=[
        happened("training.steady", sign="reward"),
        happened("training.steady", sign="kl"),
    ],
)
UNSUCCESSFUL = msgspec.structs.replace(
    HEALTHY,
    stage=1,
    metrics=HEALTHY.metrics | {"episode/success_rate_100": 0.19},
)
# Caused by damaged folders and files, and by an unreachable target.
BY_OTHER_MEANS = {"backup-failing", "backup-damaged", "checkpoint-failing", "notices-waiting"}
CAUSED_TOGETHER = MACHINE | BY_OTHER_MEANS | {
    "speed-low",
    "memory-growing",
    "memory-per-lander",
    "zombies",
    "descriptors-leaking",
    "reward-not-finite",
    "reward-diverged",
    "reward-dropping",
    "updates-diverging",
    "stage-regressing",
    "success-below-gate",
    "stage-5-success-low",
    "stage-5-reward-low",
    "fuel-low",
    "precision-low",
    "episodes-long",
}  # fmt: skip
CAUSED_BY_CRASHES = {"training-crashed", "training-given-up"}
CAUSED_IN_STAGE_1 = {"stage-1-success-low"}
CAUSED_BY_A_TARGET = {"backup-unsent"}
CAUSED_BY_A_FILE_SIZE_LIMIT = {"store-failing"}
CAUSED_BY_A_TAKEN_PORT = {"server-failing"}
CAUSED_BY_A_TRACKING_SERVER = {"tracking-behind"}


@dataclass
class Watch:
    """An accelerated supervisor, its notices, and the script of its fake trainer."""

    home: Home
    notices_path: Path
    script_path: Path

    def configure(self, *, machine_faulty: bool = False, target_down: bool = False) -> None:
        """The default rules; those about the machine always or never fire."""
        rules = []
        for rule in DEFAULT_RULES:
            if rule.name in MACHINE:
                above = rule.comparison == "above"
                limit = -1.0 if above == machine_faulty else 1e9
                moved = msgspec.structs.replace(rule, threshold=limit, clear_threshold=None)
            else:
                moved = rule
            rules.append(rule_toml(moved))
        command = ["sh", "-c", f"cat >> {self.notices_path}; echo >> {self.notices_path}"]
        targets = [toml({"name": "file", "command": command})]
        if target_down:
            targets.append(toml({"name": "down", "command": ["false"]}))
        disk = {"name": "disk", "url": f"file://{self.disk}"}
        notify = {"group_wait_s": 0.0, "repeat_interval_s": 1e9}
        new = self.home.config.with_suffix(".new")
        new.write_text(
            "\n".join(
                [
                    *rules,
                    "[notify]\n" + toml(notify),
                    *("[[notify.targets]]\n" + target for target in targets),
                    "[[backup.targets]]\n" + toml(disk),
                    "[resources]\ninterval_s = 0.1",
                    "[backup]\nsweep_interval_s = 0.2",
                    "[supervision]\nheartbeat_timeout_s = 1e6\nstartup_timeout_s = 1e6",
                    "backoff_initial_s = 0.05",
                ]
            ),
            encoding="utf-8",
        )
        new.replace(self.home.config)

    @property
    def disk(self) -> Path:
        """The folder of the offsite copies."""
        return self.notices_path.with_name("disk")

    def set_script(self, script: Script) -> None:
        new = self.script_path.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(script))
        new.replace(self.script_path)

    def start(self) -> None:
        self.home.started("--script", str(self.script_path))
        self.home.trainer_state("RUNNING")

    def firing(self) -> set[str]:
        return {alert.name for alert in self.home.status().alerts if alert.state == "firing"}

    def expect_firing(self, names: set[str]) -> None:
        """Wait until exactly these alerts fire."""
        try:
            eventually(lambda: self.firing() == names, "these fire", PATIENCE_S)
        except AssertionError:
            assert self.firing() == names

    def notices(self) -> Counter[str]:
        """How often each notice was sent, such as "WARNING speed-low"."""
        text = self.notices_path.read_text("utf-8") if self.notices_path.exists() else ""
        bodies = [json.loads(message)["body"] for message in text.splitlines()]
        return Counter(line.split(":")[0] for body in bodies for line in body.splitlines())

    def expect_notices(self, names: set[str]) -> None:
        """Wait until each alert's firing and resolved notices were sent, once."""
        expected = notices_about(names)
        try:
            eventually(lambda: self.notices() == expected, "these notices are sent")
        except AssertionError:
            assert self.notices() == expected

    def pass_time(self, seconds: float) -> Status:
        """Wait until the supervisor has measured for this time, by its clock."""
        began = self.home.status().resources
        assert began is not None

        def probe() -> Status | None:
            status = self.home.status()
            assert status.resources is not None and began is not None
            return status if status.resources.time_s - began.time_s > seconds else None

        return eventually(probe, f"{seconds} s pass", PATIENCE_S)


def notices_about(names: set[str]) -> Counter[str]:
    """The notices of these alerts, firing and resolved."""
    rules = [rule for rule in DEFAULT_RULES if rule.name in names and rule.action != "log"]
    return Counter(
        [f"{rule.severity.upper()} {rule.name}" for rule in rules]
        + [f"RESOLVED {rule.name}" for rule in rules]
    )


@pytest.fixture
def watch(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watch:
    monkeypatch.setenv("LANDERCTL_TEST_SPEEDUP", str(SPEEDUP))
    config = load_config(None, {"run": {"n_envs": 1}, "checkpoints": {"keep": 3}}).config
    write_run_config(home.run, config)
    watch = Watch(home, tmp_path / "notices", tmp_path / "script")
    watch.disk.mkdir()
    watch.set_script(HEALTHY)
    watch.configure()
    return watch


def test_each_default_rule_has_its_cause_here() -> None:
    assert {rule.name for rule in DEFAULT_RULES} == (
        CAUSED_TOGETHER
        | CAUSED_BY_CRASHES
        | CAUSED_IN_STAGE_1
        | CAUSED_BY_A_TARGET
        | CAUSED_BY_A_FILE_SIZE_LIMIT
        | CAUSED_BY_A_TAKEN_PORT
        | CAUSED_BY_A_TRACKING_SERVER
    )


def test_faults_while_training_runs(watch: Watch) -> None:
    home = watch.home
    watch.start()
    home.ask(BackupRequest())
    backup = home.paths.backups / home.run.id / str(home.event("backup.made").body["id"])
    model = (backup / "model.zip").read_bytes()
    (backup / "model.zip").write_bytes(model[:-1])
    home.event("backup.damaged")
    backups = home.paths.backups.rename(home.paths.home / "aside")
    home.paths.backups.write_text("in the way")
    home.ask(BackupRequest())
    home.event("backup.failed")
    checkpoints = home.run.checkpoints
    aside = checkpoints.rename(checkpoints.with_name("aside"))
    checkpoints.write_text("in the way")
    home.ask(BackupRequest())
    home.event("checkpoint.failed")
    watch.configure(machine_faulty=True, target_down=True)
    watch.set_script(FAULTY)
    watch.expect_firing(CAUSED_TOGETHER)

    home.paths.backups.unlink()
    backups.rename(home.paths.backups)
    (backup / "model.zip").write_bytes(model)
    checkpoints.unlink()
    aside.rename(checkpoints)
    home.ask(BackupRequest())
    watch.configure()
    watch.set_script(RECOVERED)
    watch.expect_firing(set())
    watch.expect_notices(CAUSED_TOGETHER)


def test_crashes_and_giving_up(watch: Watch) -> None:
    home = watch.home
    watch.start()
    for crash in (1, 2, 3):
        pid = home.trainer_state("RUNNING").trainer.pid  # type: ignore[union-attr]
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        home.event("trainer.crashed", crash)
    watch.expect_firing(CAUSED_BY_CRASHES)
    home.stop(home.daemons[-1])
    watch.start()
    watch.expect_firing(set())
    watch.expect_notices(CAUSED_BY_CRASHES)


def test_low_success_in_the_first_stage(watch: Watch) -> None:
    watch.start()
    watch.set_script(UNSUCCESSFUL)
    watch.expect_firing(CAUSED_IN_STAGE_1)
    watch.set_script(HEALTHY)
    watch.expect_firing(set())
    watch.expect_notices(CAUSED_IN_STAGE_1)


def test_a_port_that_is_taken(watch: Watch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with watch.home.config.open("a") as config:
            config.write(f"\n[prometheus]\nenabled = true\nport = {taken.getsockname()[1]}\n")
        watch.start()
        watch.expect_firing(CAUSED_BY_A_TAKEN_PORT)
    watch.expect_firing(set())
    watch.expect_notices(CAUSED_BY_A_TAKEN_PORT)


def test_a_backup_target_that_is_unmounted(watch: Watch) -> None:
    unmounted = watch.disk.rename(watch.disk.with_name("unmounted"))
    watch.start()
    watch.home.ask(BackupRequest())
    watch.expect_firing(CAUSED_BY_A_TARGET)
    unmounted.rename(watch.disk)
    watch.expect_firing(set())
    watch.expect_notices(CAUSED_BY_A_TARGET)


def test_a_store_that_cannot_be_written(watch: Watch) -> None:
    watch.start()
    pid, unlimited = watch.home.daemons[-1].pid, resource.RLIM_INFINITY
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, unlimited))
    eventually(lambda: watch.notices()["CRITICAL store-failing"], "a notice is sent")
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))
    watch.expect_firing(set())
    watch.expect_notices(CAUSED_BY_A_FILE_SIZE_LIMIT)


def test_nothing_fires_in_a_healthy_hour(watch: Watch) -> None:
    watch.start()
    watch.pass_time(2.0 * HOUR_S)
    assert not watch.home.events("alert.firing")
    assert not watch.notices()
    # More than an hour of samples, so that memory growth was evaluated, too.
    with StoreReader.open(watch.home.paths.store) as store:
        assert "memory/growth_gb_per_day" in store.sample_names()


def test_a_tracking_server_that_is_down(watch: Watch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with watch.home.config.open("a") as config:
        config.write(f'\n[tracking]\nenabled = true\nmlflow_uri = "{url}"\n')
    watch.start()
    watch.expect_firing(CAUSED_BY_A_TRACKING_SERVER)
