"""A supervisor that is process 1 of a PID namespace, as in a container, leaves no zombies."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

from daemon.protocol.control import Done, TestNotifyRequest
from tests.daemon.harness import ROOT, Home, config_text
from tests.waiting import eventually

NAMESPACE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
# What it leaves in its process group is killed, and becomes the child of process 1.
LEAVES_ONE = """
[[notify.targets]]
name = "pager"
command = ["sh", "-c", "sleep 600 & cat > /dev/null"]
"""


def zombies(daemon: psutil.Process) -> list[psutil.Process]:
    return [child for child in daemon.children() if child.status() == psutil.STATUS_ZOMBIE]


def test_orphans_are_reaped_and_its_own_children_are_not_lost(home: Home) -> None:
    try:
        subprocess.run([*NAMESPACE, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a PID namespace cannot be made here")
    home.config.write_text(config_text() + LEAVES_ONE)
    command = [*NAMESPACE, sys.executable, "-m", "tests.daemon.supervise_fake"]
    command += ["--home", str(home.paths.home), "--run", home.run.id]
    command += ["--config", str(home.config), "--"]
    outside = subprocess.Popen(command, cwd=ROOT)
    home.daemons.append(outside)
    home.event("trainer.running")
    [daemon] = psutil.Process(outside.pid).children()
    for _ in range(2):
        answer = home.ask(TestNotifyRequest())[-1]
        assert isinstance(answer, Done)
        assert answer.data == {"pager": None}
        eventually(lambda: zombies(daemon), "an orphan becomes a zombie")
        eventually(lambda: not zombies(daemon), "it is reaped")
    assert home.events("trainer.crashed") == []
