"""The drill `backup`: back up, verify, damage, restore; from each off-site target too."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from daemon.backup.record import Backup
from daemon.backup.verification.verify import verify_backup
from daemon.base.malformed import MALFORMED
from daemon.checkpoint.manifest import DamagedCheckpointError, digest_file
from daemon.config.schema import BackupTarget
from daemon.offsite.protocol import Trial, TrialResult
from daemon.protocol.finding import Finding
from daemon.rollback.load_test import read_load_test
from landerctl.drills.model import DrillContext, DrillError, DrillKind
from landerctl.drills.recovery.small_training import scaled, scaled_text, small_training
from landerctl.drills.scratch.home import START_S, ScratchHome
from landerctl.drills.scratch.leash import run_leashed
from landerctl.exitcodes import Exit

INTERVAL_STEPS = 8192
NORMALISER = ("vecnormalize.npz", "vecnormalize.pkl")
STATE = ("training_state.json", "fleet.npz")
DAMAGED = "training_state.json"
TARGET_S = 300.0  # to send a checkpoint of about a megabyte and read it back


def _conduct(context: DrillContext) -> Iterator[Finding]:
    real = context.config
    config = small_training(
        real, real.curriculum.stages[:1], window_episodes=100, interval_steps=INTERVAL_STEPS
    )
    home = ScratchHome(context.scratch / "backup", config, backup={"automatic": []})
    how = scaled_text(real, config)
    context.report("trains until a checkpoint is saved", 0.1)
    with home.daemon():
        home.wait(home.checkpoints, "the first checkpoint")
        context.report("backs up", 0.4)
        made = home.verb("backup", "--note", "drill")
        if made.code != Exit.OK:
            raise DrillError(f"landerctl backup: {made.reason}")
        home.interrupt()
    folder = next((home.paths.backups / home.run.id).glob("*-manual"))
    context.report("verifies the backup", 0.5)
    try:
        backup = verify_backup(folder)
    except DamagedCheckpointError as error:
        yield Finding("normaliser-kept", False, str(error))
        yield Finding("state-kept", False, str(error))
        return
    yield _kept("normaliser-kept", folder, backup, NORMALISER, how)
    yield _kept("state-kept", folder, backup, STATE, how)
    context.report("damages a byte, and verifies again", 0.55)
    yield _damage_found(home, folder)
    context.report("restores it in another state folder", 0.6)
    yield _restored(context, home, backup)
    for number, target in enumerate(real.backup.targets):
        share = 0.8 + 0.2 * number / len(real.backup.targets)
        context.report(f"sends it to target {target.name}, and reads it back", share)
        yield _sent(context, folder, target)


DRILL = DrillKind(
    name="backup",
    purpose="back up, verify, damage and restore; send to each off-site target and read back",
    keys=("normaliser-kept", "state-kept", "damage-found", "restored"),
    expected_s=60.0,
    conduct=_conduct,
)


def _kept(key: str, folder: Path, backup: Backup, names: tuple[str, ...], how: str) -> Finding:
    """Whether the backup contains these files, with the digests of the checkpoint's manifest."""
    assert backup.checkpoint is not None
    files = backup.checkpoint.files
    wrong = [
        name for name in names if name not in files or digest_file(folder / name) != files[name]
    ]
    text = f"{backup.id}: {', '.join(names)} with the manifest's digests; {how}"
    if wrong:
        text = f"{backup.id}: {wrong[0]} is missing or has another digest"
    size = sum(files[name].size_bytes for name in names if name in files)
    return Finding(key, not wrong, text, {"files": len(names) - len(wrong), "bytes": size})


def _damage_found(home: ScratchHome, folder: Path) -> Finding:
    """A flipped byte is found and named by `landerctl backup verify`; without it all is whole."""
    flip_byte(folder / DAMAGED)
    damaged = home.verb("backup", "verify", folder.name, "--json")
    flip_byte(folder / DAMAGED)
    mended = home.verb("backup", "verify", folder.name)
    named = DAMAGED.encode() in damaged.output
    holds = damaged.code == Exit.DAMAGED and named and mended.code == Exit.OK
    text = (
        f"one byte of {DAMAGED} changed: `landerctl backup verify` ends with {damaged.code} and "
        f"{'names' if named else 'does not name'} it; put back: {mended.code}"
    )
    figures = {"exit_code_damaged": damaged.code, "exit_code_mended": mended.code}
    return Finding("damage-found", holds, text, dict(figures))


def flip_byte(path: Path) -> None:
    """Change the byte in the middle of a file; a second call puts it back. Raises OSError."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def _restored(context: DrillContext, home: ScratchHome, backup: Backup) -> Finding:
    """The run in an empty state folder: the same files, and a training can resume from them."""
    other = ScratchHome(context.scratch / "restored", home.config)
    ended = other.verb("restore", str(home.paths.backups), "--yes", "--no-start", "--json")
    if ended.code != Exit.OK:
        return Finding("restored", False, f"landerctl restore: {ended.reason}")
    manifest = other.newest()
    assert backup.checkpoint is not None
    same = manifest.files == backup.checkpoint.files
    command = [
        sys.executable,
        "-P",
        "-m",
        "daemon.trainer",
        "load-test",
        "--run",
        str(other.run.folder),
    ]
    command += ["--folder", str(other.run.checkpoints / manifest.id)]
    loading = run_leashed(command, other.log, timeout_s=START_S)
    loaded = read_load_test(loading.output, loading.code)
    text = (
        f"`landerctl restore` made {manifest.id} of {backup.id}, "
        f"{'every file with the same digest' if same else 'but files differ'}; {loaded.text}"
    )
    figures = scaled(home.config) | {"files": len(manifest.files), "bytes": manifest.size_bytes}
    return Finding("restored", same and loaded.ok, text, figures)


def _sent(context: DrillContext, folder: Path, target: BackupTarget) -> Finding:
    """Below a prefix of its own, so that the real backups there stay as they are."""
    into = context.scratch / f"from-{target.name}"
    into.mkdir(mode=0o700)
    trial = Trial(target.url, target.options_file, str(folder), str(into))
    command = [sys.executable, "-P", "-m", "daemon.offsite.trial"]
    log, content = context.scratch / "offsite.log", msgspec.json.encode(trial)
    key = f"target-{target.name}"
    try:
        ended = run_leashed(command, log, timeout_s=TARGET_S, content=content)
        result = msgspec.json.decode(ended.output, type=TrialResult)
    except DrillError:
        return Finding(key, False, f"target {target.name}: no result within {TARGET_S:g} s")
    except MALFORMED:
        return Finding(key, False, f"target {target.name}: {ended.reason}")
    if result.problem:
        return Finding(key, False, f"target {target.name}: {result.problem}")
    text = (
        f"target {target.name}: {result.files} files sent, read back with the same digests, and "
        f"removed, in {result.took_s:.1f} s"
    )
    figures = {"files": result.files, "bytes": result.bytes, "took_s": round(result.took_s, 2)}
    return Finding(key, True, text, dict(figures))
