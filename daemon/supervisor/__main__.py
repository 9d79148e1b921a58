"""`python -m daemon.supervisor`: the supervisor as a process, in the foreground or detached."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

import msgspec

from daemon.base.clocks.running_time import run_in_running_time
from daemon.base.files import MAX_LOG_BYTES
from daemon.base.paths import StatePaths
from daemon.base.secrets.redacted_log import RedactingFormatter, redact_tracebacks
from daemon.base.standard_streams import hold_standard_streams
from daemon.config import ConfigError, Sources, load_sources
from daemon.config.layering.sources import variables_in
from daemon.plugins.data import judged_plugins
from daemon.processes.lifeline import end_with_input
from daemon.processes.signals import survive_signals
from daemon.processes.state_folder import ClaimError, claim, write_errors
from daemon.processes.trainer_commands import RealTrainer, TrainerCommands
from daemon.runs.run_folder import set_current
from daemon.store.schema import StoreError
from daemon.supervisor.aio.clock import RUNNING_TIME, Clock, running_clock
from daemon.supervisor.build import build
from daemon.supervisor.lifecycle.home_watch import HomeLostError
from daemon.supervisor.lifecycle.launch import Ready

_log = logging.getLogger("daemon.supervisor")

EXIT_OK, EXIT_REFUSED = 0, 1
EXIT_HOME_LOST = 73  # EX_CANTCREAT: a service manager must not start another one in its place


def main(
    argv: Sequence[str] | None = None,
    commands: TrainerCommands | None = None,
    clock: Clock = running_clock,
) -> int:
    """Supervise one run until stopped; returns the exit code."""
    hold_standard_streams()
    parser = argparse.ArgumentParser(prog="python -m daemon.supervisor", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="the state folder")
    parser.add_argument("--run", required=True, help="the id of the run to train")
    parser.add_argument(
        "--config", action="append", default=[], help="a configuration file; a later one overrides"
    )
    parser.add_argument("--set", action="append", default=[], help="a setting: SECTION.KEY=VALUE")
    parser.add_argument("--ready-fd", type=int, help="where to report that it is ready")
    parser.add_argument("--until", type=int, help="steps at which the training pauses")
    parser.add_argument(
        "--end-with-input", action="store_true", help="stop once standard input is closed"
    )
    parser.add_argument("--detach", action="store_true", help="run in the background")
    options = parser.parse_args(argv)
    # The parent exits at once, so that no process has to wait for this one.
    if options.detach and os.fork() != 0:
        os._exit(EXIT_OK)
    survive_signals()
    if options.end_with_input:
        end_with_input(lambda: os.kill(os.getpid(), signal.SIGTERM))
    os.umask(0o077)
    redact_tracebacks()
    # The files are given; the processes that this one starts use those that it records.
    os.environ.pop("LANDERCTL_CONFIG", None)
    announce = _Announcer(options.ready_fd)
    paths = StatePaths(options.home.absolute())
    try:
        return _serve(paths, options, commands or RealTrainer(options.until), clock, announce)
    except (ClaimError, ConfigError, StoreError) as error:
        already_running = isinstance(error, ClaimError) and error.already_running
        _log.error("%s", error)
        announce.send(Ready(False, str(error), already_running))
        return EXIT_REFUSED
    except HomeLostError as error:
        _log.error("%s", error)
        return EXIT_HOME_LOST


def _serve(
    paths: StatePaths,
    options: argparse.Namespace,
    commands: TrainerCommands,
    clock: Clock,
    announce: _Announcer,
) -> int:
    started_s = clock().unix_s
    lock = claim(paths, started_s)
    try:
        with write_errors(paths):
            _set_up_log(paths.log if options.detach else None)
        run = paths.run(options.run)
        variables = variables_in(os.environ)
        plugins, data = judged_plugins()
        sources = Sources(tuple(options.config), variables, tuple(options.set), data)
        loaded = load_sources(sources)
        supervisor = build(
            paths,
            run,
            loaded,
            started_s=started_s,
            commands=commands,
            clock=clock,
            plugins=plugins,
        )
        with write_errors(paths):
            set_current(paths, run.id)
        run_in_running_time(supervisor.run(lambda: announce.send(Ready(True))), RUNNING_TIME)
    finally:
        lock.release()
    return EXIT_OK


class _Announcer:
    """Reports once, on the ready pipe, how the start went."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def send(self, ready: Ready) -> None:
        if self._descriptor is None:
            return
        try:
            os.write(self._descriptor, msgspec.json.encode(ready) + b"\n")
        except BrokenPipeError:
            _log.info("the process that started this supervisor has exited")
        os.close(self._descriptor)
        self._descriptor = None


class _LogFile(RotatingFileHandler):
    """Redirects standard output and error (the interpreter's fatal errors) to each new file."""

    def _open(self) -> TextIOWrapper:
        stream = super()._open()
        for standard in (1, 2):
            os.dup2(stream.fileno(), standard)
        return stream


def _set_up_log(path: Path | None) -> None:
    """Log to the file, or to standard error without one."""
    handler = (
        logging.StreamHandler()
        if path is None
        else _LogFile(path, maxBytes=MAX_LOG_BYTES, backupCount=2, encoding="utf-8")
    )
    handler.setFormatter(RedactingFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])


if __name__ == "__main__":
    sys.exit(main())
