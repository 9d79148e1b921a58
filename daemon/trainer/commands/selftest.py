"""`selftest`: does everything that a training needs work on this machine?

The production checklist's first test, with the configured vehicle: the environment is created, both
API checkers pass, the simulation flies and starts again, and a model trains for 5,000 steps and
survives saving.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import msgspec

from daemon.base.paths import RunPaths
from daemon.config import Config, ConfigError, Sources, load_sources
from daemon.trainer.commands.parts import (
    FAULTS,
    check_gymnasium_api,
    check_sb3_api,
    fault_text,
    fly_fleet,
    fly_two_episodes,
    lander_settings,
    train_shortly,
)
from daemon.trainer.startup.progress import StartupProgress
from env.compilation.build import compile_environment


class Step(msgspec.Struct, frozen=True):
    """One part of the self-test and how it went."""

    name: str
    ok: bool
    duration_s: float
    text: str


def selftest(sources: Sources, startup: StartupProgress, *, as_json: bool, output: TextIO) -> int:
    """Run every step, print each as it ends; the exit code is 0 if all passed, 1 otherwise.

    `startup` is followed until everything is compiled.
    A configuration that cannot be read is 1 after one line of explanation on stderr.
    """
    try:
        config = load_sources(sources).config
    except ConfigError as error:
        startup.abandon()
        print(f"landerctl selftest: {error}", file=sys.stderr)
        return 1
    parts: tuple[tuple[str, Callable[[Config], str]], ...] = (
        ("compilation", lambda config: _compile(config, startup)),
        ("environment", fly_two_episodes),
        ("gymnasium API", check_gymnasium_api),
        ("stable-baselines3 API", check_sb3_api),
        ("fleet", fly_fleet),
        ("training", _train),
    )
    steps = []
    for name, part in parts:
        steps.append(_run(name, part, config))
        if not as_json:
            step = steps[-1]
            word = "ok    " if step.ok else "FAILED"
            output.write(f"{word} {step.name:<22} {step.duration_s:5.1f} s  {step.text}\n")
            output.flush()
    if as_json:
        output.write(msgspec.json.encode(steps).decode() + "\n")
        output.flush()
    return 0 if all(step.ok for step in steps) else 1


def _run(name: str, part: Callable[[Config], str], config: Config) -> Step:
    began = time.monotonic()
    try:
        text, ok = part(config), True
    except FAULTS as error:
        text, ok = fault_text(error), False
    return Step(name, ok, time.monotonic() - began, text)


def _compile(config: Config, startup: StartupProgress) -> str:
    functions = 0

    def report(done: int, total: int) -> None:
        nonlocal functions
        functions = total
        startup.compiled(done, total)

    with startup:
        lander_settings(config)  # before minutes of compiling, what cannot be flown at all
        startup.next()
        compile_environment(report)
        startup.end()
    return f"{functions} functions are compiled"


def _train(config: Config) -> str:
    with tempfile.TemporaryDirectory(prefix="landerctl-selftest-") as folder:
        return train_shortly(config, RunPaths(Path(folder) / "run"))
