"""What the supervisor measures of processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from daemon.supervisor.aio.clock import Instant
from daemon.supervisor.monitoring.resources import ResourceSampler
from tests.daemon.harness import ROOT

PARENT_WITH_CHILD = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "x = bytearray(40_000_000); input()"],
    stdin=subprocess.PIPE)
print("up", flush=True)
x = 0
for line in sys.stdin:
    child.communicate()
"""


def test_the_trainers_tree_is_measured_as_one(tmp_path: Path) -> None:
    sampler = ResourceSampler(tmp_path, n_envs=4)
    command = [sys.executable, "-c", PARENT_WITH_CHILD]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        memory_bytes = 0
        while memory_bytes < 45_000_000:
            found = sampler.sample(process.pid, Instant(5.0, 5.0))
            status, samples = found.status, found.samples
            assert status.memory_trainer_bytes is not None
            memory_bytes = status.memory_trainer_bytes
        process.communicate("end\n")
    assert status.cpu_trainer_percent is not None and status.cpu_trainer_percent >= 0.0
    assert 0 < status.disk_free_bytes <= status.disk_total_bytes
    assert 1 <= status.cores <= (os.cpu_count() or 1)
    assert samples["disk/free_gb"] == status.disk_free_bytes / 1e9
    assert samples["memory/trainer_bytes"] == memory_bytes
    assert samples["memory/lander_mb"] == memory_bytes / 4e6
    assert samples["process/trainer_threads"] >= 2.0
    assert samples["process/trainer_descriptors"] >= 6.0
    assert samples["process/zombies"] == 0.0
    assert 0.0 <= samples["cpu/others_percent"] <= 100.0
    gone = sampler.sample(process.pid, Instant(6.0, 6.0))
    assert gone.status.memory_trainer_bytes is None
    assert "memory/trainer_bytes" not in gone.samples


def test_the_supervisor_imports_nothing_heavy() -> None:
    code = "import sys, daemon.supervisor.__main__; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert "watchdog" in loaded
    assert not {"numpy", "torch", "gymnasium", "Basilisk", "typer", "rich", "env"} & set(loaded)
