"""The environment is compiled by processes beside the caller, once, whoever asks first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

PROGRESS = """
import sys
from env.compilation.build import compile_environment
compile_environment(lambda compiled, needed: print(compiled, needed, flush=True))
"""
# Numba reports each function that it does compile.
BUILD_A_FLEET = """
from numba.core import event
late = []
class Listener(event.Listener):
    def on_start(self, compiled):
        late.append(compiled.data["dispatcher"].py_func.__module__)
    def on_end(self, compiled):
        pass
event.register("numba:compile", Listener())
from env.fleet import FleetSettings, LanderFleet
LanderFleet(FleetSettings(n_envs=3, threads=2)).reset()
print(*(name for name in late if name.startswith("env.") and name != "env.stepping.model"))
"""
WAIT_FOR_EVER = """
import os, time
from env.compilation.build import Compilation
with Compilation() as compilation:
    print(*(worker.pid for worker in compilation._workers), flush=True)
    compilation.wait(lambda compiled, needed: None)
print("over", flush=True)
"""
SAY_WHO_HAS_WHAT = """
from env.compilation.build import Compilation
with Compilation() as compilation:
    print(*(worker.pid for worker in compilation._workers), flush=True)
    compilation.wait(lambda *_: print(*map(len, compilation._given), flush=True))
print("over", flush=True)
"""


def start(script: str, cache: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script],
        env={**os.environ, "XDG_CACHE_HOME": str(cache)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_starts_share_one_compilation_and_a_fleet_finds_everything(tmp_path: Path) -> None:
    starts = [start(PROGRESS, tmp_path), start(PROGRESS, tmp_path)]
    workers = [worker for caller in starts for worker in children(caller)]
    reports = []
    for caller in starts:
        output, errors = caller.communicate()
        assert caller.returncode == 0, errors
        reports.append([tuple(map(int, line.split())) for line in output.splitlines()])

    assert len(workers) <= len(os.sched_getaffinity(0))
    for counts in reports:
        compiled, needed = zip(*counts, strict=True)
        assert list(compiled) == sorted(compiled)
        assert compiled[0] < needed[0] == compiled[-1]
        assert len(set(compiled)) > 10

    output, errors = start(BUILD_A_FLEET, tmp_path).communicate()
    assert (output.split(), errors) == ([], "")


def test_workers_end_with_the_process_that_wanted_them(tmp_path: Path) -> None:
    caller = start(WAIT_FOR_EVER, tmp_path)
    assert caller.stdout is not None
    workers = [psutil.Process(int(pid)) for pid in caller.stdout.readline().split()]
    assert workers
    caller.send_signal(signal.SIGKILL)
    caller.communicate()
    _, alive = psutil.wait_procs(workers, timeout=120)
    assert alive == []


def test_a_worker_does_what_another_that_was_killed_leaves(tmp_path: Path) -> None:
    with start(SAY_WHO_HAS_WHAT, tmp_path) as caller:
        assert caller.stdout is not None
        first, *others = map(int, caller.stdout.readline().split())
        before = [int(word) for word in caller.stdout.readline().split()]
        os.kill(first, signal.SIGKILL)
        if others:
            while (line := caller.stdout.readline()) and int(line.split()[1]) < sum(before):
                pass
            assert line, "it ended before the parts were given to the other"
        for other in others:
            os.kill(other, signal.SIGKILL)
        assert caller.stdout.read().endswith("over\n")


def test_a_start_goes_on_without_its_workers(tmp_path: Path) -> None:
    caller = start(WAIT_FOR_EVER, tmp_path)
    assert caller.stdout is not None
    for pid in caller.stdout.readline().split():
        os.kill(int(pid), signal.SIGKILL)
    output, errors = caller.communicate()
    assert (output, errors) == ("over\n", "")


def children(caller: subprocess.Popen[str]) -> list[psutil.Process]:
    """The caller's workers, once it has reported."""
    assert caller.stdout is not None
    caller.stdout.readline()
    return psutil.Process(caller.pid).children()
