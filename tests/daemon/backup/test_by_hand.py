"""The commands in docs/backups.md restore a lost run by hand."""

from __future__ import annotations

import re
import shutil
import subprocess

from daemon.backup.make import make_backup
from daemon.checkpoint.catalog import list_checkpoints
from daemon.protocol.control import Done, RollbackRequest
from tests.daemon.harness import ROOT, Home, save_checkpoint


def recipe(home: Home, id_: str) -> str:
    """The page's commands for this run, without the start and the step for large files."""
    page = (ROOT / "docs" / "backups.md").read_text()
    lines = re.findall(r"^    (.*)$", page.split("**By hand.**")[1], re.MULTILINE)
    first, *others = (line for line in lines if "unzstd" not in line and "start" not in line)
    assert first.startswith("home=")
    return "\n".join([f"home={home.paths.home} run={home.run.id} id={id_}", *others])


def test_a_lost_run_is_restored_with_cp(home: Home) -> None:
    checkpoint = save_checkpoint(home.run, timesteps=5000)
    make_backup(home.paths, home.run, checkpoint.id, home.paths.backups, created_s=1.0)
    shutil.rmtree(home.run.folder)
    subprocess.run(["sh", "-euc", recipe(home, checkpoint.id)], check=True)
    assert home.paths.current.read_text().strip() == home.run.id
    assert list_checkpoints(home.run.checkpoints).whole == [checkpoint]
    home.started()
    assert home.event("trainer.resumed").body["checkpoint"] == checkpoint.id
    done = home.ask(RollbackRequest([checkpoint.id], "me"))[-1]
    assert isinstance(done, Done), done
