"""The scenarios of each command: initial state, process to run, and expected result."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from daemon.backup.archive import export_backup
from daemon.backup.catalog import scan, write_tag
from daemon.backup.make import back_up_logs, make_backup
from daemon.backup.record import Tag
from daemon.backup.verification.verified import record_whole
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import verify
from daemon.checkpoint.retention import discard
from daemon.config import load_config
from daemon.protocol.control import Done, Refused, RollbackRequest, UndoRollbackRequest
from daemon.runs.creation import create_run
from daemon.runs.metadata import read_metadata
from daemon.runs.run_folder import all_runs, current_run
from tests.daemon.backup.forking.samples import digest_of, save_state
from tests.daemon.harness import config_text, save_checkpoint
from tests.failpoints.world import DAY_S, PATIENCE_S, Ended, World, environment, files_of
from tests.waiting import eventually

FAKE_LOAD_TEST = "tests.landerctl.with_fake_load_test"
NO_LAUNCH = "tests.landerctl.with_no_launch"
Run = Callable[[World, str | None], Ended]


@dataclass(frozen=True)
class Scenario:
    """`run` runs a command or daemon, with a failpoint or None; `done` checks its result."""

    name: str
    prepare: Callable[[World], None]
    run: Run
    done: Callable[[World], bool]
    never: frozenset[str] = frozenset()  # failpoints that it does not reach


def by_command(*arguments: str) -> Run:
    """Run a `landerctl` command."""

    def run(world: World, failpoint: str | None) -> Ended:
        return world.landerctl(arguments, failpoint)

    return run


def by_daemon(done: Callable[[World], bool]) -> Run:
    """Run a supervisor until it is killed, has failed, or is done."""

    def run(world: World, failpoint: str | None) -> Ended:
        world.home.config.write_text(f"{config_text()}[backup]\nsweep_interval_s = 1000.0\n")
        log = world.paths.home / "supervisor.log"
        began = log.stat().st_size if log.exists() else 0

        def log_text() -> str:
            return log.read_text()[began:]

        with mock.patch.dict("os.environ", environment(failpoint), clear=True):
            daemon, ready = world.home.spawn("--rollout-s", "30")
        with os.fdopen(ready, "rb") as pipe:
            pipe.read()  # until closed: it may be killed before it reports readiness
        point = (failpoint or " ").partition(":")[0]
        eventually(
            lambda: (
                daemon.poll() is not None
                or (f"failpoint {point}" in log_text() if failpoint else done(world))
            ),
            f"the supervisor has passed {failpoint or 'all'}",
            PATIENCE_S,
        )
        if daemon.poll() is None:
            daemon.send_signal(signal.SIGTERM)
        code = daemon.wait(PATIENCE_S)
        # An orphaned trainer saves and ends.
        eventually(lambda: not world.home.trainer_lives(), "the trainer ends", PATIENCE_S)
        return Ended(code, log_text())

    return run


def by_request(request: Callable[[World], RollbackRequest | UndoRollbackRequest]) -> Run:
    """Send a request to a supervisor with a running trainer; stop it if it was not killed."""

    def run(world: World, failpoint: str | None) -> Ended:
        with mock.patch.dict("os.environ", environment(failpoint), clear=True):
            daemon, ready = world.home.spawn("--rollout-s", "0.05")
        with os.fdopen(ready, "rb") as pipe:
            pipe.read()
        world.home.trainer_state("RUNNING")
        answers = world.home.ask(request(world))
        if answers and isinstance(answers[-1], Done | Refused):
            daemon.send_signal(signal.SIGTERM)
        code = daemon.wait(PATIENCE_S)
        eventually(lambda: not world.home.trainer_lives(), "the trainer ends", PATIENCE_S)
        answer = answers[-1].text if answers else "no answer"
        # The trainer resumes from the restored state, or else from its own.
        whole = list_checkpoints(world.run.checkpoints).whole
        assert whole, "a rollback deletes nothing"
        return Ended(code, answer)

    return run


def _two_checkpoints(world: World) -> None:
    target = world.back_up()
    world.must_survive = [world.folder(target), world.run.checkpoints / target.id]
    newer = save_checkpoint(world.run, kind="gate", timesteps=900_000)
    world.must_survive.append(world.run.checkpoints / newer.id)


def _rolled_back(world: World) -> None:
    _two_checkpoints(world)
    by_request(_roll_back)(world, None)


def _roll_back(world: World) -> RollbackRequest:
    return RollbackRequest([world.must_survive[0].name], "someone")


def _undo(world: World) -> UndoRollbackRequest:
    return UndoRollbackRequest("someone")


def _roll_back_by_command(world: World, failpoint: str | None) -> Ended:
    arguments = ["rollback", "--to", world.must_survive[0].name, "--yes"]
    return world.landerctl(arguments, failpoint, FAKE_LOAD_TEST)


def _undo_by_command(world: World, failpoint: str | None) -> Ended:
    return world.landerctl(["rollback", "--undo", "--yes"], failpoint, FAKE_LOAD_TEST)


def _rolled_back_by_command(world: World) -> None:
    _two_checkpoints(world)
    rolled_back = _roll_back_by_command(world, None)
    assert rolled_back.code == 0, rolled_back


def _is_undone_by_command(world: World) -> bool:
    return any(id_.endswith("-gate") and "900000" in id_ for id_ in _restored_from(world))


def _restored_from(world: World) -> list[str]:
    whole = list_checkpoints(world.run.checkpoints).whole
    return [manifest.restored_from for manifest in whole if manifest.restored_from]


def _is_rolled_back(world: World) -> bool:
    return world.must_survive[0].name in _restored_from(world)


def _is_undone(world: World) -> bool:
    return any(id_.endswith("-stop") for id_ in _restored_from(world))


def _run_only_at_target(world: World) -> None:
    """The run exists only at a target."""
    world.back_up()
    world.paths.backups.rename(_target(world))
    world.must_survive = [path for path in _target(world).glob("*/*") if path.is_dir()]
    shutil.rmtree(world.run.folder)
    world.paths.current.unlink()


def _target(world: World) -> Path:
    return world.paths.home.parent / "target"


def _restore(world: World, failpoint: str | None) -> Ended:
    return world.landerctl(["restore", str(_target(world)), "--yes", "--no-start"], failpoint)


def _is_restored(world: World) -> bool:
    run = current_run(world.paths)
    return run is not None and bool(list_checkpoints(run.checkpoints).whole)


def _one_to_copy(world: World) -> None:
    world.must_survive = [world.folder(world.back_up())]
    save_checkpoint(world.run, kind="gate")


def _all_are_copied(world: World) -> bool:
    copied = {backup.id for backup in scan(world.paths.backups, world.run.id).whole}
    return {m.id for m in list_checkpoints(world.run.checkpoints).whole} <= copied


def _two_to_remove(world: World) -> None:
    old = [world.back_up(age_days=days) for days in (90.0, 60.0)]
    newest = world.back_up()
    world.must_survive = [world.folder(newest)]
    for backup in old:
        discard(world.run.checkpoints / backup.id)
    # Not an old one: a daemon verifies the one verified longest ago, and keeps the last verified.
    run, now_s = world.must_survive[0].parent, time.time()
    record_whole(run, [backup.id for backup in old], now_s - 20.0)
    record_whole(run, [newest.id], now_s - 10.0)
    (world.run.tensorboard / "events.out.tfevents.1.host.1.0").write_bytes(b"scalars")
    back_up_logs(world.run, world.paths.backups, created_s=now_s)


def _old_ones_are_removed(world: World) -> bool:
    """A daemon's trainer adds new ones in the meantime."""
    listed = scan(world.paths.backups).whole
    return all(time.time() - backup.created_s < DAY_S for backup in listed)


def _one_to_import(world: World) -> None:
    world.must_survive = [world.folder(world.back_up())]
    other = world.back_up()
    export_backup(world.folder(other), archive(world))
    discard(world.folder(other))
    discard(world.run.checkpoints / other.id)


def _both_exist(world: World) -> bool:
    return len(scan(world.paths.backups).whole) == 2


def archive(world: World) -> Path:
    """The file to import."""
    return world.paths.home.parent / "backup.tar"


def _import(world: World, failpoint: str | None) -> Ended:
    return world.landerctl(["backup", "import", str(archive(world))], failpoint)


def _one_to_forget(world: World) -> None:
    """Another run with two backups, of which one is pinned."""
    world.must_survive = [world.folder(world.back_up()), world.run.folder]
    other = create_run(world.paths, load_config(None).config, name="other")
    made = []
    for _ in range(2):
        checkpoint = save_checkpoint(other, kind="gate")
        made.append(
            make_backup(
                world.paths, other, checkpoint.id, world.paths.backups, created_s=time.time()
            )
        )
    write_tag(world.paths.backups, made[0], Tag(pinned=True))
    world.must_survive.append(world.folder(made[0]))
    world.whole_or_gone = {other.folder: files_of(other.folder)}


def _forget(world: World, failpoint: str | None) -> Ended:
    left = [folder.name for folder in world.whole_or_gone if folder.exists()]
    return world.landerctl(["runs", "rm", *left, "--backups", "--yes"], failpoint)


def _is_forgotten(world: World) -> bool:
    [other] = world.whole_or_gone
    hidden = [path for path in world.paths.runs.iterdir() if path.name.startswith(".pruned")]
    kept = scan(world.paths.backups, other.name).whole
    return not other.exists() and not hidden and len(kept) == 1


def _one_to_fork(world: World) -> None:
    world.must_survive = [save_state(world.run).folder]


def _fork(world: World, failpoint: str | None) -> Ended:
    before = digest_of(world.run.folder)
    ended = world.landerctl(["start", "--from", "current", "--no-wait"], failpoint, NO_LAUNCH)
    assert digest_of(world.run.folder) == before, "the parent is only read"
    for run in all_runs(world.paths):
        assert [verify(run.checkpoints / one.name) for one in run.checkpoints.iterdir()]
    return ended


def _is_forked(world: World) -> bool:
    forks = [run for run in all_runs(world.paths) if read_metadata(run).parent is not None]
    return bool(forks) and len(list(world.paths.runs.iterdir())) == 1 + len(forks)


# By the first part of a failpoint's name.
SCENARIOS: dict[str, tuple[Scenario, ...]] = {
    "backup": (
        Scenario("landerctl backup", _one_to_copy, by_command("backup"), _all_are_copied),
        Scenario("daemon", _one_to_copy, by_daemon(_all_are_copied), _all_are_copied),
    ),
    "prune": (
        Scenario(
            "landerctl backup prune",
            _two_to_remove,
            by_command("backup", "prune"),
            _old_ones_are_removed,
        ),
        Scenario(
            "daemon",
            _two_to_remove,
            by_daemon(_old_ones_are_removed),
            _old_ones_are_removed,
        ),
    ),
    "rollback": (
        Scenario("rollback", _two_checkpoints, by_request(_roll_back), _is_rolled_back),
        Scenario(
            "landerctl rollback",
            _two_checkpoints,
            _roll_back_by_command,
            _is_rolled_back,
            never=frozenset({"rollback.running"}),
        ),
    ),
    "undo": (
        Scenario("undo", _rolled_back, by_request(_undo), _is_undone),
        Scenario(
            "landerctl rollback --undo",
            _rolled_back_by_command,
            _undo_by_command,
            _is_undone_by_command,
            never=frozenset({"undo.running"}),
        ),
    ),
    "fork": (Scenario("landerctl start --from", _one_to_fork, _fork, _is_forked),),
    "restore": (Scenario("landerctl restore", _run_only_at_target, _restore, _is_restored),),
    "import": (Scenario("landerctl backup import", _one_to_import, _import, _both_exist),),
    "remove": (Scenario("landerctl runs rm", _one_to_forget, _forget, _is_forgotten),),
}
