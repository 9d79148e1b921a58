"""Trials on a small Ray cluster: real nodes, actors and supervisors over the fake trainer."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

import msgspec
import pytest

from daemon.base.identity import flock_is_held
from daemon.base.paths import StatePaths
from daemon.checkpoint.catalog import newest_whole
from daemon.sweeps.engines.engine import TrialReport
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.trial.home import LOCK
from tests.daemon.harness import ROOT
from tests.daemon.sweeps.engines.ray.sweep_on_disk import backed_up_steps, create
from tests.waiting import eventually

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="needs the extra landerctl[ray]"
)
HERE = Path(__file__).parent
PATIENCE_S = 60.0
TRAINS_ON = "--rollout-s 0.1 --interval 3"
PAUSES = "--rollout-s 0.02 --interval 3 --exit-after 9 --exit-code 12"
ENVIRON = os.environ | {
    "PYTHONPATH": str(ROOT),
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_worker_niceness": "0",  # 15 by default, too little beside other tests
}


class SmallCluster:
    """A head without CPUs, and nodes of one CPU, which differ in how their trainers behave."""

    def __init__(self, folder: Path, nodes: Mapping[str, str]) -> None:
        named = [f"{name}={behaviour}" for name, behaviour in nodes.items()]
        self._log = (folder / "cluster.log").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "cluster_process.py"), str(folder), *named],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=ENVIRON,
            cwd=folder,
        )
        self.address = self._line()

    def remove(self, node: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{node}\n".encode())
        self._process.stdin.flush()
        assert self._line() == "removed"

    def close(self) -> None:
        self._process.communicate(timeout=PATIENCE_S)
        self._log.close()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().decode().strip()
        assert line, Path(self._log.name).read_text()
        return line


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallCluster]:
    nodes = {"n1": TRAINS_ON, "n2": PAUSES}
    with contextlib.closing(SmallCluster(tmp_path_factory.mktemp("cluster"), nodes)) as found:
        yield found


class Driver:
    """A coordinator of one trial; its reports."""

    def __init__(self, cluster: SmallCluster, sweep: SweepPaths, epoch: int) -> None:
        self.process = subprocess.Popen(
            [
                *(sys.executable, str(HERE / "driver.py"), cluster.address),
                *(str(sweep.folder), str(epoch)),
            ],
            stdout=subprocess.PIPE,
            env=ENVIRON,
        )
        assert self.process.stdout is not None
        self._output: IO[bytes] = self.process.stdout

    def until_it_trains(self) -> TrialReport:
        return next(report for report in self._reports() if report.steps)

    def until_it_ends(self) -> TrialReport:
        return next(report for report in self._reports() if report.ended)

    def _reports(self) -> Iterator[TrialReport]:
        while line := self._output.readline():
            if line.startswith(b"{"):  # Ray prints when it loses a node
                yield msgspec.json.decode(line, type=TrialReport)
        raise AssertionError("the driver has ended")

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "target"
    folder.mkdir()
    return folder


@pytest.fixture
def sweep(tmp_path: Path, target: Path) -> SweepPaths:
    return create(tmp_path / "sweep", backup=target.as_uri(), place="n1:/")


def home_of(report: TrialReport) -> StatePaths:
    return StatePaths(Path(report.place.partition(":")[2]))


def has_ended(paths: StatePaths) -> bool:
    return not flock_is_held(paths.home / LOCK)


def test_a_killed_driver_resumes_here_and_on_a_new_cluster(
    cluster: SmallCluster, sweep: SweepPaths, target: Path, tmp_path: Path
) -> None:
    with contextlib.closing(Driver(cluster, sweep, epoch=1)) as driver:
        begun = driver.until_it_trains()  # closing it is kill -9
    paths = home_of(begun)
    eventually(lambda: has_ended(paths), "the trial has ended with its driver", PATIENCE_S)
    newest = newest_whole(paths.run(begun.run_id).checkpoints)
    assert newest is not None and newest.kind == "stop"  # it has saved
    assert newest.timesteps >= begun.steps

    with contextlib.closing(Driver(cluster, sweep, epoch=2)) as driver:
        resumed = driver.until_it_trains()
    assert resumed.place == begun.place
    assert resumed.steps >= newest.timesteps
    eventually(lambda: has_ended(paths), "the trial has ended with its driver", PATIENCE_S)
    sent = backed_up_steps(target, 1)
    assert sent[-1] >= newest.timesteps  # the same home sends to the same place

    # The head and every disk are lost; the sweep's store and the target are left.
    folder = tmp_path / "new"
    folder.mkdir()
    with contextlib.closing(SmallCluster(folder, {"n3": TRAINS_ON})) as new:
        with contextlib.closing(Driver(new, sweep, epoch=3)) as driver:
            moved = driver.until_it_trains()
        eventually(lambda: has_ended(home_of(moved)), "the trial has ended", PATIENCE_S)
    assert (moved.place.partition(":")[0], moved.run_id) == ("n3", begun.run_id)
    assert moved.steps >= sent[-1]


def test_a_lost_node_and_a_late_one(cluster: SmallCluster, sweep: SweepPaths, target: Path) -> None:
    with contextlib.closing(Driver(cluster, sweep, epoch=1)) as driver:
        begun = driver.until_it_trains()
        assert begun.place.startswith("n1:")
        eventually(lambda: backed_up_steps(target, 1), "a backup is at the target", PATIENCE_S)
        cluster.remove("n1")
        lost = driver.until_it_ends()
    assert (lost.ended, lost.reason) == ("lost", "lost: node n1; continues from its newest backup")
    eventually(lambda: has_ended(home_of(begun)), "the trial on the lost node has ended")
    sent = backed_up_steps(target, 1)

    with contextlib.closing(Driver(cluster, sweep, epoch=2)) as driver:
        reached = driver.until_it_ends()
    assert (reached.ended, reached.place.partition(":")[0]) == ("reached", "n2")
    assert reached.run_id == begun.run_id
    assert reached.steps >= sent[-1] + 9000  # what its trainer did on top of the backup
    assert backed_up_steps(target, 1) == sent

    # The order that a driver gave before it was cut off arrives now.
    with contextlib.closing(Driver(cluster, sweep, epoch=1)) as driver:
        late = driver.until_it_ends()
    assert late.ended == "crashed"
    assert late.reason == "fenced off: placement 2 of this trial is newer than 1"
