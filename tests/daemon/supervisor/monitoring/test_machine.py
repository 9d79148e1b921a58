"""A container is judged by its own limits, not by the machine's size."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from daemon.supervisor.aio.clock import Instant
from daemon.supervisor.monitoring.machine import MachineSampler
from daemon.supervisor.monitoring.resources import ResourceSampler
from tests.daemon.base.test_cgroup import folder, v2

MB = 1_000_000


def test_memory_and_process_numbers_are_those_of_the_container(tmp_path: Path) -> None:
    proc = v2(tmp_path, "/")
    folder(
        tmp_path / "cg",
        memory__max=100 * MB,
        memory__current=90 * MB,
        memory__stat=f"inactive_file {50 * MB}",
        pids__max=200,
        pids__current=190,
    )
    usage = MachineSampler(proc).sample(0.0)
    assert (usage.memory_used_percent, usage.memory_limit_bytes) == (40.0, 100 * MB)
    assert usage.pids_used_percent == 95.0


def test_a_limit_above_the_machine_s_memory_is_none(tmp_path: Path) -> None:
    proc = v2(tmp_path, "/")
    folder(tmp_path / "cg", memory__max=psutil.virtual_memory().total, memory__current=MB)
    usage = MachineSampler(proc).sample(0.0)
    assert usage.memory_limit_bytes is None
    assert usage.memory_used_percent > 0.0
    assert usage.cores == len(os.sched_getaffinity(0))


def test_processor_time_is_a_share_of_the_quota(tmp_path: Path) -> None:
    proc = v2(tmp_path, "/")
    folder(tmp_path / "cg", cpu__max="50000 100000", cpu__stat="usage_usec 1000000")
    sampler = MachineSampler(proc)
    assert sampler.sample(10.0).cpu_percent == 0.0
    folder(tmp_path / "cg", cpu__stat="usage_usec 1400000")
    usage = sampler.sample(12.0)
    assert usage.cpu_percent == pytest.approx(40.0)  # 0.4 s in 2 s, of half a processor
    assert (usage.cpus, usage.cores) == (0.5, 1)


def test_the_supervisor_measures_so(tmp_path: Path) -> None:
    found = ResourceSampler(tmp_path, n_envs=4).sample(None, Instant(5.0, 5.0))
    assert found.status.cores == MachineSampler().sample(0.0).cores
    assert 0.0 < found.status.memory_used_percent <= 100.0
