"""A small real process with the trainer's protocol that trains nothing and misbehaves on demand.

Run as `python fake_trainer.py RUN_FOLDER BEHAVIOUR...`; see `main` for the behaviours.
"""

from __future__ import annotations

import argparse
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from daemon.base.exitcodes import TrainerExit
from daemon.base.opened_folder import OpenedFolder
from daemon.base.paths import RunPaths
from daemon.checkpoint.catalog import newest_whole
from daemon.checkpoint.commit import commit_checkpoint
from daemon.checkpoint.environment_version import environment_versions
from daemon.checkpoint.manifest import Manifest
from daemon.config.schema import CheckpointKind
from daemon.processes.signals import survive_signals
from daemon.protocol.trainer import (
    CheckpointSaved,
    EventReport,
    Failed,
    Hello,
    Metrics,
    Phase,
    Report,
    Save,
    encode_line,
    order_decoder,
)
from tests import status_samples
from tests.daemon.fake_state import FakeState

STEPS_PER_S = 1000.0


class Script(msgspec.Struct):
    """What it reports and does; read again before every rollout."""

    metrics: dict[str, float] = {}
    not_finite: list[str] = []
    stage: int = 1
    stage_steps: int | None = None  # None: all its steps
    events: list[EventReport] = []  # sent once
    memory_bytes: int = 0  # really allocated ...
    leak_bytes: int = 0  # ... plus this much with each rollout
    descriptors: int = 0  # really open
    zombies: int = 0  # children that ended and are never waited for


class FakeTrainer:
    def __init__(self, run: RunPaths, options: argparse.Namespace) -> None:
        self.run = run
        self.folder = OpenedFolder(run.folder)
        self.options = options
        self.report_fd = int(os.environ["LANDERCTL_REPORT_FD"])
        self.order_fd = int(os.environ["LANDERCTL_ORDER_FD"])
        self.timesteps = 0
        self.script = Script()
        self.held: list[bytes] = []
        self.descriptors: list[int] = []
        self.children: list[subprocess.Popen[bytes]] = []
        survive_signals()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.exit("stop", TrainerExit.STOPPED))

    def send(self, report: Report) -> None:
        self.write(encode_line(report))

    def write(self, data: bytes) -> None:
        while data:
            try:
                data = data[os.write(self.report_fd, data) :]
            except BrokenPipeError:
                return

    def exit(self, kind: CheckpointKind | None, code: int) -> None:
        if kind is not None and not self.save(kind):
            self.send(Failed(f"{kind} checkpoint not written"))
            sys.exit(TrainerExit.CANNOT_SAVE)
        if self.options.hang_at_exit:
            self.hang()
        sys.exit(code)

    def save(self, kind: CheckpointKind) -> bool:
        try:
            manifest = commit_checkpoint(
                RunPaths(self.folder.current_path()).checkpoints,
                build=self.build,
                run_id=self.run.id,
                kind=kind,
                created_s=time.time(),
                algorithm="ppo",
                timesteps=self.timesteps,
                stage=1,
                versions=environment_versions(),
                reward_mean=float(self.timesteps),
            )
        except OSError as error:
            text = f"{kind} checkpoint not written: {error.strerror}"
            body: dict[str, Any] = {"error": error.strerror, "kind": kind}
            self.send(EventReport("checkpoint.failed", "critical", text, body))
            return False
        self.send(
            CheckpointSaved(
                manifest.id, kind, self.timesteps, 1, manifest.size_bytes, duration_s=0.01
            )
        )
        return True

    def build(self, folder: Path) -> None:
        (folder / "model.zip").write_bytes(os.urandom(1000))
        (folder / "training_state.json").write_bytes(msgspec.json.encode(FakeState(self.timesteps)))

    def restore(self) -> Manifest | None:
        newest = newest_whole(self.run.checkpoints)
        if newest is not None:
            state = (self.run.checkpoints / newest.id / "training_state.json").read_bytes()
            self.timesteps = msgspec.json.decode(state, type=FakeState).timesteps
        return newest

    def progress(self) -> None:
        self.send(
            status_samples.progress(
                time.time(),
                time_s=time.time(),
                timesteps=self.timesteps,
                total_timesteps=1_000_000,
                stage=self.script.stage,
                stages=5,
                stage_name="touchdown",
                stage_timesteps=self.timesteps
                if self.script.stage_steps is None
                else self.script.stage_steps,
                episodes=10,
                success_rate=0.5,
                reward_mean=100.0,
                gate_success_rate=0.4,
                gate_mean_reward=400.0,
                steps_per_s=STEPS_PER_S,
                eta_s=10.0,
                trained_s=self.timesteps / STEPS_PER_S,
            )
        )

    def train(self) -> None:
        options = self.options
        self.compile()
        resumed = self.restore()
        if resumed and options.refuse_kind == resumed.kind:
            self.send(Failed(f"{resumed.id} cannot be loaded"))
            self.exit(None, TrainerExit.CONFIG)
        if resumed and options.silent_kind == resumed.kind:
            self.hang()
        self.send(
            Hello(
                os.getpid(),
                self.run.id,
                {"fake": "1"},
                resumed.id if resumed else None,
                self.timesteps,
            )
        )
        self.send(Phase("collecting"))
        if resumed and options.slow_kind == resumed.kind:
            options.rollout_s = None
            self.handle_orders()
        self.start_slowly()
        if options.malformed:
            self.write(b"this is no report\n" + b"x" * (2 << 20) + b"\n")
        if options.send is not None:
            self.progress()
            self.write(options.send.read_bytes())
            self.save("best")
        rollouts = 0
        while True:
            if rollouts == options.exit_after:
                if options.exit_code:
                    self.send(Failed("asked to fail"))
                self.exit("final" if options.exit_code == 0 else None, options.exit_code)
            self.timesteps += 1000
            rollouts += 1
            if options.script:
                self.follow(msgspec.json.decode(options.script.read_bytes(), type=Script))
            self.progress()
            if rollouts == options.hang_after:
                self.hang()
            metrics = {"train/loss": 0.1, "time/fps": 1000.0} | self.script.metrics
            not_finite = self.script.not_finite if options.script else ["train/value_loss"]
            self.send(Metrics(time.time(), self.timesteps, metrics, not_finite))
            if options.interval and rollouts % options.interval == 0:
                self.save("interval")
            self.handle_orders()

    def start_slowly(self) -> None:
        if self.options.startup:
            self.write(self.options.startup.read_bytes())
            while self.options.startup.exists():
                self.handle_orders()

    def compile(self) -> None:
        began_s = time.monotonic()
        while (passed_s := time.monotonic() - began_s) < self.options.compile_s:
            self.send(Phase("compiling", f"for {passed_s:.1f} s"))
            select.select([], [], [], 0.05)

    def follow(self, script: Script) -> None:
        if script != self.script:
            self.script = script
            self.held = [b"x" * script.memory_bytes]
            while self.descriptors:
                os.close(self.descriptors.pop())
            while self.children:
                self.children.pop().wait()
            self.descriptors = [os.dup(self.order_fd) for _ in range(script.descriptors)]
            self.children = [subprocess.Popen(["true"]) for _ in range(script.zombies)]
            for event in script.events:
                self.send(event)
        self.held.append(b"x" * script.leak_bytes)

    def hang(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            signal.pause()

    def handle_orders(self) -> None:
        """Wait for one rollout; orders and the supervisor's exit interrupt it."""
        readable, _, _ = select.select([self.order_fd], [], [], self.options.rollout_s)
        if not readable:
            return
        lines = os.read(self.order_fd, 65536)
        if not lines:
            self.exit("stop", TrainerExit.ORPHANED)
        for line in lines.splitlines():
            order = order_decoder.decode(line)
            if isinstance(order, Save):
                self.save(order.kind)
            elif not order.only_if_saved:
                self.exit("stop", TrainerExit.STOPPED)
            elif self.save("stop"):
                self.exit(None, TrainerExit.STOPPED)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("run", type=Path)
    parser.add_argument("--rollout-s", type=float, default=0.02)
    parser.add_argument("--compile-s", type=float, default=0.0, help="reports meanwhile")
    parser.add_argument("--interval", type=int, help="rollouts between two checkpoints")
    parser.add_argument("--exit-after", type=int, help="rollouts before it exits")
    parser.add_argument("--exit-code", type=int, default=0)
    parser.add_argument("--hang-after", type=int, help="rollouts before it hangs")
    parser.add_argument("--hang-at-exit", action="store_true", help="after its last checkpoint")
    parser.add_argument("--refuse-kind", help="kind of checkpoint that it cannot load")
    parser.add_argument("--silent-kind", help="kind of checkpoint that it hangs on")
    parser.add_argument(
        "--slow-kind", help="kind of checkpoint that it loads, then waits for orders"
    )
    parser.add_argument("--script", type=Path, help="a file with a Script")
    parser.add_argument(
        "--startup", type=Path, help="send this file's content, then start when it is removed"
    )
    parser.add_argument("--malformed", action="store_true", help="send malformed lines")
    parser.add_argument(
        "--send", type=Path, help="send this file's content, then save a best checkpoint"
    )
    options = parser.parse_args()
    FakeTrainer(RunPaths(options.run), options).train()


if __name__ == "__main__":
    main()
