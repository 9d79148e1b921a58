"""An archive whose digests match, and whose model holds code: no verb that reads it runs it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from landerctl.exitcodes import Exit
from tests.daemon.trainer.forged import forge_data, pickled_code, replace_member
from tests.e2e.mission import Mission

REFUSED = "model.zip: policy.pth: holds more than tensors and numbers"


def forged_import(mission: Mission, tmp_path: Path, forge: Callable[[Path, Path], None]) -> str:
    """Put code into the newest state, and leave it as an import only; returns its id."""
    run, newest = mission.current, mission.checkpoints[-1]
    folder = run.checkpoints / newest.id
    model = tmp_path / "model.zip"
    shutil.copy(folder / "model.zip", model)
    forge(model, tmp_path / "marker")
    mission.forge(folder, "vecnormalize.pkl", pickled_code(tmp_path / "marker"))
    mission.forge(folder, "model.zip", model.read_bytes())
    backup = mission.paths.backups / run.id / newest.id
    shutil.rmtree(backup, ignore_errors=True)
    mission.done("backup")
    mission.done("backup", "export", newest.id, str(tmp_path / "forged.tar"))
    shutil.rmtree(backup)
    shutil.rmtree(folder)
    assert "imported" in mission.done("backup", "import", str(tmp_path / "forged.tar")).stdout
    return newest.id


def test_pickled_attributes_are_never_loaded(trained: Mission, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    id_ = forged_import(trained, tmp_path, forge_data)
    listed = {entry["id"]: entry for entry in json.loads(trained.done("backups", "--json").stdout)}
    assert (listed[id_]["imported"], listed[id_]["accepted"]) == (True, False)
    others = [entry for entry in listed.values() if entry["id"] != id_]
    assert others and all(entry["accepted"] and not entry["imported"] for entry in others)
    assert "imported, not accepted" in trained.done("backups").stdout

    last_good = trained.run("rollback", "--to", "last-good", "--dry-run")
    assert f"{id_}: imported" in last_good.stdout + last_good.stderr
    preview = trained.done("rollback", "--to", id_, "--dry-run")
    assert "this state came in an archive" in preview.stdout
    assert not marker.exists()
    trained.done("evaluate", id_, "--episodes", "2")
    assert not marker.exists()
    trained.done("fly", "--pilot", id_, "--seed", "1")
    assert not marker.exists()

    steps = int(id_.split("-")[1])
    trained.done("rollback", "--to", id_, "--yes")
    trained.done("start")
    trained.trained_past(steps)
    trained.done("stop")
    assert not marker.exists()
    listed = {entry["id"]: entry for entry in json.loads(trained.done("backups", "--json").stdout)}
    assert (listed[id_]["imported"], listed[id_]["accepted"]) == (True, True)

    shutil.rmtree(trained.current.folder)
    trained.paths.current.unlink()
    source = shutil.copytree(trained.paths.backups, tmp_path / "copies")
    trained.done("restore", str(source), "--to", id_, "--yes")
    trained.trained_past(steps)
    trained.done("stop")
    assert not marker.exists()


def forge_policy(archive: Path, marker: Path) -> None:
    replace_member(archive, "policy.pth", pickled_code(marker))


def test_code_instead_of_a_policy_is_refused_in_one_line(trained: Mission, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    id_ = forged_import(trained, tmp_path, forge_policy)
    before = [manifest.id for manifest in trained.checkpoints]
    for verb in (
        ["evaluate", id_, "--episodes", "2"],
        ["fly", "--pilot", id_, "--seed", "1"],
        ["rollback", "--to", id_, "--yes"],
    ):
        ended = trained.run(*verb)
        assert ended.returncode == Exit.FAILED, ended
        assert f"{id_}: {REFUSED}" in ended.stderr.splitlines()[-1]
        assert "Traceback" not in ended.stderr and "weights_only" not in ended.stderr
    assert [manifest.id for manifest in trained.checkpoints] == before

    # As the newest checkpoint of a run, whatever put it there.
    newest = trained.checkpoints[-1].id
    trained.forge(
        trained.current.checkpoints / newest, "model.zip", (tmp_path / "model.zip").read_bytes()
    )
    trained.run("start")
    trained.event("trainer.fatal")
    assert f"{newest}: {REFUSED}" in "\n".join(trained.event_log())
    assert not marker.exists()
