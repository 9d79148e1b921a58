"""The drill `rollback`: a good state, two bad newer ones, the documented procedure, the undo."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from daemon.backup.catalog import scan
from daemon.backup.record import Backup
from daemon.backup.verification.verify import verify_backup
from daemon.base.exitcodes import TrainerExit
from daemon.checkpoint.best import MIN_EPISODES
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest, verify
from daemon.config import Config
from daemon.protocol.finding import Figure, Finding
from daemon.protocol.trainer import Progress
from daemon.store.records import Event
from landerctl.drills.model import DrillContext, DrillError, DrillKind
from landerctl.drills.recovery.bad_states import make_not_finite, make_worse
from landerctl.drills.recovery.event_files import read_event_files
from landerctl.drills.recovery.procedure_page import read_procedure
from landerctl.drills.recovery.small_training import (
    NEVER,
    scaled,
    scaled_text,
    small_training,
)
from landerctl.drills.scratch.home import ScratchHome
from landerctl.drills.scratch.leash import Ended, leashed
from landerctl.exitcodes import Exit

WATCH_S = 20.0
LEAST_SUCCESS, MOST_SUCCESS = 0.6, 0.95  # of the good state: see `good_success`
NORMALISER, STATE = "vecnormalize.npz", "training_state.json"
# The page's commands, as `_conduct` carries them out.
FIND = "landerctl rollback --to last-good --dry-run"
RESTORE = "landerctl rollback --to ID --yes"
FOLLOW = "landerctl events --follow --name 'rollback.*'"
_FOUND = re.compile(r"rollback --to (\S+) --yes")


@dataclass(frozen=True)
class _Rollback:
    """What the procedure did and what was seen."""

    good: Backup  # only its backup is left
    bad: tuple[str, ...]  # ids of the newer states
    found: str | None  # the id that the dry run names
    dry_run: str  # its output
    restored: Ended
    old_pid: int
    events: dict[str, Event]  # since the rollback, the first of each name
    progress: Progress | None  # of the training that resumed
    followed: bytes  # what `landerctl events --follow` printed
    undone: Ended
    undo_id: str | None


def _conduct(context: DrillContext) -> Iterator[Finding]:
    config = small(context.config)
    home = ScratchHome(
        context.scratch / "rollback",
        config,
        backup={"automatic": []},
        rollback={"watch_s": WATCH_S, "triggers": {}},
    )
    good, bad = _prepare(context, home)
    done = _carry_out(context, home, good, bad)
    yield from _stopped(home, done, scaled_text(context.config, config))
    yield _identified(done)
    yield _copied(home, done)
    yield from _files(home, done)
    yield _resumed(home, done)
    yield _curves(home, done)
    yield from _verified(done)
    yield _undone(done)
    yield _documented(done)


DRILL = DrillKind(
    name="rollback",
    purpose="make the newest states bad, roll back to the last good one by docs/rollback.md, undo",
    keys=(
        "stopped",
        "graceful",
        "identified",
        "copied",
        "normaliser-restored",
        "state-restored",
        "resumed",
        "tensorboard-continuous",
        "success-matches",
        "watched",
        "undone",
        "documented",
    ),
    expected_s=150.0,
    conduct=_conduct,
)


def small(real: Config) -> Config:
    """Landers that start half a metre above the pad, so that many land and episodes are short."""
    stage = msgspec.structs.replace(
        real.curriculum.stages[0],
        altitude_m=(0.3, 0.7),
        downrange_m=(0.0, 1.0),
        descent_rate_m_s=(0.0, 0.1),
        horizontal_speed_m_s=(0.0, 0.1),
        tilt_deg=(0.0, 0.0),
        ramp_steps=1,
        gate_success_rate=1.0,
        gate_mean_reward=1e9,
    )
    return small_training(real, [stage], window_episodes=100, interval_steps=NEVER)


def _prepare(context: DrillContext, home: ScratchHome) -> tuple[Backup, tuple[str, ...]]:
    """A good state that only a backup has, and two newer ones that are bad."""
    with home.daemon():
        context.report("trains until a state is good", 0.05)
        needed = good_success(home.config.rollback.success_tolerance)
        home.wait_for_progress(
            lambda one: one.episodes >= 2 * MIN_EPISODES and (one.success_rate or 0.0) >= needed,
            f"{needed:.0%} landings",
        )
        good = _back_up(home)
        context.report("trains on", 0.25)
        home.wait_for_progress(lambda one: one.timesteps > good.timesteps, "the next rollout")
        broken = _back_up(home)
        home.wait_for_progress(lambda one: one.timesteps > broken.timesteps, "the next rollout")
        home.interrupt()
    worse = home.newest()
    make_not_finite(home.run.checkpoints / broken.id)
    make_worse(home.run.checkpoints / worse.id)
    backups = home.paths.backups / home.run.id
    shutil.rmtree(backups / broken.id)
    shutil.rmtree(home.run.checkpoints / good.id)
    return verify_backup(backups / good.id), (broken.id, worse.id)


def good_success(tolerance: float) -> float:
    """The success rate from which a state stays good, however much better the next ones are.

    It is also far above that of a state whose every episode failed.
    """
    return min(max(1.0 - tolerance, LEAST_SUCCESS), MOST_SUCCESS)


def _back_up(home: ScratchHome) -> Manifest:
    ended = home.verb("backup", "--note", "drill")
    if ended.code != Exit.OK:
        raise DrillError(f"landerctl backup: {ended.reason}")
    return next(one for one in reversed(home.checkpoints()) if one.kind == "manual")


def _carry_out(
    context: DrillContext, home: ScratchHome, good: Backup, bad: tuple[str, ...]
) -> _Rollback:
    """The procedure of docs/rollback.md, then the undo."""
    context.report("trains on from the bad state", 0.3)
    began_s = time.time()
    with home.daemon():
        home.wait_for_progress(lambda _: True, "the training", since_s=began_s)
        old_pid = home.trainer_pid()
        context.report("finds the last good state", 0.4)
        dry = home.verb(*_arguments(FIND))
        output = dry.output.decode(errors="replace")
        named = _FOUND.search(output)
        if named is None:
            raise DrillError(f"{FIND}: names no state: {dry.reason}")
        context.report("rolls back to it", 0.5)
        after_id, since_s = home.last_event_id(), time.time()
        with _following(home) as follow:
            restored = home.verb(*_arguments(RESTORE.replace("ID", named[1])))
            if restored.code != Exit.OK:
                raise DrillError(f"{RESTORE}: {restored.reason}")
            progress = home.wait_for_progress(
                lambda one: one.phase != "ending", "training after the rollback", since_s=since_s
            )
            context.report("evaluates it, and watches the training", 0.6)
            home.wait_for_event("rollback.watched", after_id=after_id)
            home.wait(lambda: b"rollback.watched" in follow.read(), "the followed event", 60.0)
        events = {one.name: one for one in reversed(home.events(after_id=after_id))}
        context.report("undoes it", 0.9)
        undone = home.verb("rollback", "--undo", "--yes", "--json")
        home.interrupt()
    return _Rollback(
        good=good,
        bad=bad,
        found=named[1],
        dry_run=f"{output}\n{dry.errors}",
        restored=restored,
        old_pid=old_pid,
        events=events,
        progress=progress,
        followed=follow.read(),
        undone=undone,
        undo_id=_undo_id(undone),
    )


def _arguments(command: str) -> list[str]:
    return [word.strip("'") for word in command.split()[1:]]


class _Follow:
    """What a running `landerctl events --follow` has printed so far."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        self._output = process.stdout
        os.set_blocking(self._output.fileno(), False)
        self._printed = b""

    def read(self) -> bytes:
        """All of it. Raises nothing once the process has ended."""
        if not self._output.closed:
            self._printed += self._output.read() or b""
        return self._printed


@contextmanager
def _following(home: ScratchHome) -> Iterator[_Follow]:
    with leashed(home.command(*_arguments(FOLLOW)), home.log) as process:
        yield _Follow(process)


def _undo_id(ended: Ended) -> str | None:
    if ended.code != Exit.OK:
        return None
    return str(msgspec.json.decode(ended.output)["id"])


def _stopped(home: ScratchHome, done: _Rollback, how: str) -> Iterator[Finding]:
    gone = not Path(f"/proc/{done.old_pid}").exists()
    again = done.events.get("trainer.started")
    pid = None if again is None else again.body["pid"]
    text = f"trainer {done.old_pid} {'has ended' if gone else 'still runs'}, {pid} took its place"
    figures = scaled(home.config)
    yield Finding("stopped", gone and pid not in (None, done.old_pid), f"{text}; {how}", figures)
    exited = done.events.get("trainer.exited")
    code = f"exit code {TrainerExit.STOPPED.value}"
    graceful = exited is not None and str(exited.body["exit"]).startswith(code)
    what = "no exit was recorded" if exited is None else exited.text
    yield Finding("graceful", graceful, what, {"limit_s": home.config.supervision.stop_timeout_s})


def _identified(done: _Rollback) -> Finding:
    broken, worse = done.bad
    skipped = worse in done.dry_run and broken in done.dry_run
    text = (
        f"last-good names {done.found}, the drill's good one is {done.good.id}; {worse} (every "
        f"episode failed) and {broken} (not finite) are {'skipped by name' if skipped else 'newer'}"
    )
    success = done.good.checkpoint.success_rate if done.good.checkpoint else None
    return Finding(
        "identified", done.found == done.good.id and skipped, text, {"success_rate_good": success}
    )


def _copied(home: ScratchHome, done: _Rollback) -> Finding:
    """The state that the rollback left is among the backups, pinned and whole."""
    listing = scan(home.paths.backups, home.run.id)
    left = done.undo_id
    backup = next((one for one in listing.whole if one.id == left), None)
    if backup is None:
        return Finding("copied", False, f"{left}, the state before the rollback, has no backup")
    try:
        verify_backup(home.paths.backups / home.run.id / backup.id)
    except DamagedCheckpointError as error:
        return Finding("copied", False, str(error))
    pinned = listing.tag(backup).pinned
    text = f"{backup.id}, the state before the rollback: backed up, digests match" + (
        ", pinned" if pinned else ", but not pinned"
    )
    return Finding("copied", pinned, text, {"bytes": backup.size_bytes})


def _files(home: ScratchHome, done: _Rollback) -> Iterator[Finding]:
    restored = _restored_manifest(home, done)
    assert done.good.checkpoint is not None
    for key, name in (("normaliser-restored", NORMALISER), ("state-restored", STATE)):
        if restored is None:
            yield Finding(key, False, f"no checkpoint is restored from {done.good.id}")
            continue
        expected = done.good.checkpoint.files[name]
        same = restored.files[name] == expected
        text = (
            f"{restored.id}: {name} has {'the digest' if same else 'another digest than that'} of "
            f"the backup {done.good.id}, which alone had the state"
        )
        yield Finding(key, same, text, {"bytes": expected.size_bytes, "sha256": expected.sha256})


def _restored_manifest(home: ScratchHome, done: _Rollback) -> Manifest | None:
    """The checkpoint that the rollback made, its digests verified."""
    for manifest in home.checkpoints():
        if manifest.restored_from == done.good.id:
            try:
                return verify(home.run.checkpoints / manifest.id)
            except DamagedCheckpointError:
                return None
    return None


def _resumed(home: ScratchHome, done: _Rollback) -> Finding:
    restored = _restored_manifest(home, done)
    resumed = done.events.get("trainer.resumed")
    source = None if resumed is None else resumed.body["checkpoint"]
    steps = None if done.progress is None else done.progress.timesteps
    assert done.good.checkpoint is not None
    at = done.good.checkpoint.timesteps
    holds = restored is not None and source == restored.id and steps is not None and steps > at
    took = done.events["rollback.done"].body["took_s"] if "rollback.done" in done.events else None
    text = f"training resumed from {source} at {at:,} steps, and reached {steps} steps"
    figures: dict[str, Figure] = {"timesteps_restored": at, "timesteps_reached": steps}
    return Finding("resumed", holds, text, figures | {"took_s": _number(took)})


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _curves(home: ScratchHome, done: _Rollback) -> Finding:
    """TensorBoard's files: the one after the rollback replaces the curves beyond the state."""
    assert done.good.checkpoint is not None
    at = done.good.checkpoint.timesteps
    rollout = home.config.ppo.n_steps * home.config.run.n_envs
    files = read_event_files(home.run.tensorboard)
    number = next((n for n, one in enumerate(files) if n and at < one.first <= at + rollout), None)
    if number is None:
        return Finding("tensorboard-continuous", False, f"no event file continues at {at:,} steps")
    after, before = files[number], max(one.last for one in files[:number])
    purged = after.purged_from is not None and at < after.purged_from <= after.first
    text = (
        f"curves had reached {before:,} steps; after the rollback they go on at {after.first:,}, "
        f"and {'replace' if purged else 'do not replace'} the older ones from there"
    )
    figures = {"step_before": before, "step_restored": at, "step_first": after.first}
    return Finding("tensorboard-continuous", purged and before > at, text, dict(figures))


def _verified(done: _Rollback) -> Iterator[Finding]:
    first = done.events.get("rollback.proven") or done.events.get("rollback.doubtful")
    if first is None:
        yield Finding("success-matches", None, "the first evaluation was not recorded")
    else:
        names = ("success_rate", "recorded")
        figures: dict[str, Figure] = {name: _number(first.body[name]) for name in names}
        yield Finding("success-matches", first.name == "rollback.proven", first.text, figures)
    watched = done.events.get("rollback.watched")
    if watched is None:
        yield Finding("watched", None, "the watch was not recorded")
    else:
        text = f"{watched.text}; the drill watches {WATCH_S:g} s"
        yield Finding("watched", watched.body["well"] is True, text, {"watch_s": WATCH_S})


def _undone(done: _Rollback) -> Finding:
    if done.undo_id is None:
        return Finding("undone", False, f"landerctl rollback --undo: {done.undone.reason}")
    text = f"`landerctl rollback --undo` went back to {done.undo_id}, the state before"
    return Finding("undone", done.undo_id.endswith("-stop"), text)


def _documented(done: _Rollback) -> Finding:
    """The page's commands are those that were carried out, and its events came."""
    page = read_procedure()
    if page is None:
        return Finding("documented", None, "docs/rollback.md is not installed: use a checkout")
    carried_out = (FIND, RESTORE, FOLLOW)
    other = [one for one in page.commands if one not in carried_out]
    other += [one for one in carried_out if one not in page.commands]
    printed = done.followed.decode(errors="replace")
    missing = [name for name in page.events if name not in printed]
    text = (
        f"docs/rollback.md: {len(page.commands)} commands carried out, "
        f"{', '.join(page.events)} followed"
    )
    if other:
        text = f"docs/rollback.md: {other[0]!r} is not what the drill carries out"
    elif missing:
        text = f"docs/rollback.md: {missing[0]} did not follow"
    figures = {"commands": len(page.commands), "events": len(page.events) - len(missing)}
    return Finding("documented", not other and not missing, text, dict(figures))
