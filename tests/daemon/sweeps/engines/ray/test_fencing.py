"""Two processes of one trial with one target: the later placement alone can send backups."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from daemon.base.paths import StatePaths
from daemon.config import load_config
from daemon.store.reader import StoreError, StoreReader
from daemon.sweeps.engines.engine import encode_order
from daemon.sweeps.engines.local.child import TrialChild
from daemon.sweeps.engines.ray.lineage import PlacedElsewhereError
from daemon.sweeps.engines.ray.placing import FOLDER_VARIABLE, Placement, place
from daemon.sweeps.paths import SweepPaths
from tests.daemon.harness import ROOT
from tests.daemon.sweeps.engines.ray.sweep_on_disk import backed_up_steps, create, order_of
from tests.waiting import eventually

PATIENCE_S = 60.0
ENVIRON = os.environ | {"PYTHONPATH": str(ROOT), "FAKE_TRAINER": "--rollout-s 0.1 --interval 3"}


class Node:
    """A machine that runs one placement of the trial; its disk is a folder."""

    def __init__(self, sweep: SweepPaths, disk: Path, epoch: int) -> None:
        placement = Placement(
            order=encode_order(order_of(sweep, epoch)).decode(),
            sweep_key="sweep-1",
            backup=sweep.spec.read_text(),
            options_file="",
            homes="/nowhere",  # the node's variable goes before it
            trial=(),
        )
        self.order = place(placement, {FOLDER_VARIABLE: str(disk)}, mounts="")
        script = str(ROOT / "tests" / "daemon" / "sweeps" / "trial_fake.py")
        self.child = TrialChild(self.order, [sys.executable, script], ENVIRON, 0)

    @property
    def paths(self) -> StatePaths:
        return StatePaths(self.order.home)

    def steps(self) -> int:
        self.child.look()
        return self.child.newest.steps

    def refused(self) -> bool:
        """Whether it has recorded that its target refuses its backups."""
        try:
            with StoreReader.open(self.paths.store) as reader:
                events = reader.events(names=["backup.target_failed"])
        except StoreError:
            return False
        return any("fenced off" in event.text for event in events)

    def close(self) -> None:
        self.child.stop()
        self.child.wait()
        self.child.close()


def test_a_machine_that_comes_back_cannot_send(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    sweep = create(tmp_path / "sweep", backup=target.as_uri())
    first = Node(sweep, tmp_path / "n1", epoch=1)
    try:
        eventually(lambda: backed_up_steps(target, 1), "a first backup is sent", PATIENCE_S)
        second = Node(sweep, tmp_path / "n2", epoch=2)
        try:
            assert second.order.restore_from == f"{target.as_uri()}/sweep-1/00000/00001"
            # The first one, which knows nothing of the second, trains on.
            eventually(first.refused, "the target refuses the first one's backups", PATIENCE_S)
            sent, steps = backed_up_steps(target, 1), first.steps()
            eventually(lambda: first.steps() > steps + 9000, "it trains on", PATIENCE_S)
            eventually(lambda: backed_up_steps(target, 2), "the second one sends", PATIENCE_S)
            eventually(lambda: second.steps() > sent[0], "it trains on from there", PATIENCE_S)
            assert backed_up_steps(target, 1) == sent
            with pytest.raises(PlacedElsewhereError, match="placement 2 of this trial is newer"):
                Node(sweep, tmp_path / "n1", epoch=1)
        finally:
            second.close()
    finally:
        first.close()
    assert (
        load_config(second.paths.home / "config.toml")
        .config.backup.targets[0]
        .url.endswith("/00000/00002")
    )
