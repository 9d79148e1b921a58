"""Starts a supervisor in the background and waits until it is ready."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from typing import NoReturn

import msgspec

from daemon.base.files import make_private_folder
from daemon.base.malformed import MALFORMED
from daemon.base.paths import StatePaths
from daemon.config import Sources

# Reading a store of gigabytes takes a minute; after this time the disk hangs.
READY_TIMEOUT_S = 300.0


class Ready(msgspec.Struct, frozen=True, omit_defaults=True):
    """The one line on the ready pipe."""

    ok: bool
    error: str | None = None
    already_running: bool = False


class LaunchError(Exception):
    """The supervisor did not start. The message is one line for the user."""

    def __init__(self, text: str, *, already_running: bool = False) -> None:
        super().__init__(text)
        self.already_running = already_running


def launch(paths: StatePaths, sources: Sources, run_id: str) -> None:
    """Start a supervisor for a run, detached from this process and its terminal.

    Returns when it is ready: it holds the lock and has started the trainer. Raises LaunchError.
    """
    command = [*_command(paths, sources, run_id), "--detach"]
    reading, writing = os.pipe()
    try:
        with os.fdopen(reading, "rb") as pipe:
            try:
                _spawn([*command, "--ready-fd", str(writing)], paths, sources, writing)
            finally:
                os.close(writing)
            if not select.select([pipe], [], [], READY_TIMEOUT_S)[0]:
                raise _not_ready(paths)
            # Returns the line, or nothing when the supervisor exits and so closes the pipe.
            line = pipe.readline()
    except subprocess.TimeoutExpired:
        raise _not_ready(paths) from None
    except OSError as error:
        raise LaunchError(f"the supervisor could not be started: {error}") from None
    try:
        ready = msgspec.json.decode(line, type=Ready)
    except MALFORMED:
        raise LaunchError(f"the supervisor exited during its start; see {paths.log}") from None
    if not ready.ok:
        text = ready.error or f"see {paths.log}"
        raise LaunchError(text, already_running=ready.already_running)


def become(paths: StatePaths, sources: Sources, run_id: str) -> NoReturn:
    """Replace this process by a run's supervisor (exec); it logs to standard error."""
    make_private_folder(paths.home, parents=True)
    command = _command(paths, sources, run_id)
    os.execve(command[0], command, os.environ | sources.variables)


def _command(paths: StatePaths, sources: Sources, run_id: str) -> list[str]:
    return [
        sys.executable,
        "-P",
        "-m",
        "daemon.supervisor",
        "--home",
        str(paths.home),
        "--run",
        run_id,
        *sources.arguments(),
    ]


def _spawn(command: list[str], paths: StatePaths, sources: Sources, ready_fd: int) -> None:
    """Start it in a new session. The started process forks and exits at once."""
    make_private_folder(paths.home, parents=True)
    # Not supervisor.log: only the supervisor checks whether it may write in this folder.
    subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        # With whole paths of files.
        env=os.environ | sources.variables,
        pass_fds=(ready_fd,),
        start_new_session=True,
        check=False,
        timeout=READY_TIMEOUT_S,
    )


def _not_ready(paths: StatePaths) -> LaunchError:
    return LaunchError(
        f"{paths.home}: the supervisor is not ready after {READY_TIMEOUT_S:g} s; is the disk "
        f"hanging? See {paths.log}, and `landerctl status` later"
    )
