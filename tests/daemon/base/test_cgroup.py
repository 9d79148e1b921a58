"""The limits of a container, of both versions of control groups, nested."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.base.cgroup import ContainerLimits, Quota, Share, read_limits, usable_cpus

GB = 1_000_000_000
NO_LIMIT_V1 = 9223372036854771712


def folder(path: Path, **files: object) -> None:
    """Write control files; `__` in a name stands for a dot."""
    path.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (path / name.replace("__", ".")).write_text(f"{content}\n")


def process(tmp_path: Path, cgroup: str, *mounts: str) -> Path:
    proc = tmp_path / "proc"
    mountinfo = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n" + "".join(
        f"{30 + n} 22 0:{n} {mount}\n" for n, mount in enumerate(mounts)
    )
    folder(proc, cgroup=cgroup, mountinfo=mountinfo)
    return proc


def v2(tmp_path: Path, group: str, root: str = "/") -> Path:
    return process(
        tmp_path, f"0::{group}", f"{root} {tmp_path}/cg rw shared:4 - cgroup2 cgroup2 rw,nsdelegate"
    )


def test_a_machine_without_limits(tmp_path: Path) -> None:
    assert read_limits(tmp_path) == ContainerLimits()
    proc = v2(tmp_path, "/user.slice/session.scope")
    folder(tmp_path / "cg/user.slice", memory__max="max", memory__current=5, cpu__max="max 100000")
    folder(tmp_path / "cg/user.slice/session.scope", pids__max="max", pids__current=5)
    assert read_limits(proc) == ContainerLimits()


def test_version_2_in_a_container(tmp_path: Path) -> None:
    proc = v2(tmp_path, "/")  # with a namespace, the container's group is the root
    folder(
        tmp_path / "cg",
        memory__max=4 * GB,
        memory__current=3 * GB,
        memory__stat=f"anon {GB}\ninactive_file {GB}\nactive_file {GB // 2}\nsock 0",
        cpu__max="150000 100000",
        cpu__stat="usage_usec 2500000\nuser_usec 1",
        pids__max=100,
        pids__current=25,
    )
    assert read_limits(proc) == ContainerLimits(
        Share(GB + GB // 2, 4 * GB), Quota(1.5, 2.5), Share(25, 100)
    )


def test_the_tightest_limit_on_the_path_counts(tmp_path: Path) -> None:
    proc = v2(tmp_path, "/a/b/c")
    folder(tmp_path / "cg/a", memory__max=2 * GB, memory__current=GB, cpu__max="50000 100000")
    folder(tmp_path / "cg/a/b", memory__max=3 * GB, memory__current=7, cpu__max="max 100000")
    folder(tmp_path / "cg/a/b/c", memory__max="max", memory__current=5, cpu__max="200000 100000")
    found = read_limits(proc)
    assert found.memory == Share(GB, 2 * GB)
    assert found.cpu == Quota(0.5, None)


@pytest.mark.parametrize(
    ("group", "root"), [("/docker/abc", "/docker/abc"), ("/../x", "/"), ("/elsewhere", "/docker")]
)
def test_a_container_that_mounts_its_own_group(tmp_path: Path, group: str, root: str) -> None:
    folder(tmp_path / "cg", memory__max=GB, memory__current=5)
    assert read_limits(v2(tmp_path, group, root)).memory == Share(5, GB)


def test_version_1(tmp_path: Path) -> None:
    proc = process(
        tmp_path,
        "9:pids:/\n4:memory:/box/inner\n3:cpu,cpuacct:/box\n1:name=systemd:/\n0::/",
        f"/ {tmp_path}/memory rw - cgroup cgroup rw,memory",
        f"/ {tmp_path}/cpu\\040time rw - cgroup cgroup rw,cpu,cpuacct",
        f"/ {tmp_path}/pids rw - cgroup cgroup rw,pids",
        f"/ {tmp_path}/unified rw - cgroup2 cgroup2 rw",
    )
    folder(
        tmp_path / "memory/box",
        memory__limit_in_bytes=GB,
        memory__usage_in_bytes=800,
        memory__stat="inactive_file 1\ntotal_inactive_file 300\ntotal_active_file 100",
    )
    folder(
        tmp_path / "memory/box/inner",
        memory__limit_in_bytes=NO_LIMIT_V1,
        memory__usage_in_bytes=700,
    )
    folder(
        tmp_path / "cpu time/box",
        cpu__cfs_quota_us=200000,
        cpu__cfs_period_us=100000,
        cpuacct__usage=3_000_000_000,
    )
    folder(tmp_path / "cpu time", cpu__cfs_quota_us=-1, cpu__cfs_period_us=100000)
    folder(tmp_path / "pids", pids__current=3)
    folder(tmp_path / "unified", memory__max=5, memory__current=5)
    assert read_limits(proc) == ContainerLimits(Share(400, GB), Quota(2.0, 3.0))


def test_what_makes_no_sense_does_not_limit(tmp_path: Path) -> None:
    proc = process(tmp_path, "nonsense\n0:", "/ x - cgroup2", "")
    folder(tmp_path / "cg", memory__max="a lot", cpu__max="1 0")
    assert read_limits(proc) == ContainerLimits()
    assert read_limits(v2(tmp_path, "/")) == ContainerLimits()


def test_usable_processors() -> None:
    machine = len(os.sched_getaffinity(0))
    assert usable_cpus(ContainerLimits()) == machine
    assert usable_cpus(ContainerLimits(cpu=Quota(0.25, 0.0))) == 1
    assert usable_cpus(ContainerLimits(cpu=Quota(1e6, 0.0))) == machine


@pytest.fixture
def real_group() -> Iterator[Path]:
    """A group with a limit of 512 MB, where this machine lets us make one."""
    for mount, limit in (
        ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
        ("/sys/fs/cgroup", "memory.max"),
    ):
        group = Path(mount) / f"landerctl-test-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / limit).write_text("536870912")
            yield group
            return
        except OSError:
            continue
        finally:
            group.rmdir()
    pytest.skip("cannot make a control group with a memory limit here")


def test_a_real_group(real_group: Path) -> None:
    code = (
        "import dataclasses, json, os, pathlib, sys; from daemon.base.cgroup import read_limits;"
        "pathlib.Path(sys.argv[1]).write_text(str(os.getpid()));"
        "held = bytearray(60_000_000); print(json.dumps(dataclasses.asdict(read_limits())))"
    )
    command = [sys.executable, "-c", code, str(real_group / "cgroup.procs")]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    memory = json.loads(shown)["memory"]
    assert memory["limit"] == 536_870_912
    assert 50_000_000 < memory["used"] < 300_000_000
