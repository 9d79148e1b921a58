"""`landerctl check`: one line and an exit code, for cron and for monitoring systems."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from checks.gather import gather, with_config
from checks.milestones.history import with_history
from checks.registry import CHECKS, DEFAULT, NEED_HISTORY, run_checks
from checks.verdict import Level, Verdict, clean, render, worst
from daemon.base.paths import state_paths
from daemon.processes.ping import ANSWER_S
from landerctl.config_file import require_named_config
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.fast_path.check_options import CheckOptions

if TYPE_CHECKING:
    from landerctl.fast_path.ping import Ping


class Report(msgspec.Struct, frozen=True):
    """The JSON of `landerctl check --json`."""

    time_s: float
    level: str
    exit_code: int
    text: str
    verdicts: list[Verdict]


def run(options: CheckOptions) -> int:
    """Print the verdict's line; return its level. Raises Failure."""
    for name in options.names:
        if name not in CHECKS:
            raise Failure(f"no check {name!r}; checks are {', '.join(CHECKS)}", Exit.USAGE)
    ping = _ping(options)
    # Reserve the time for the last ping.
    limit_s = options.timeout_s - (ping.limit_s if ping else 0.0)
    # A thread, not a signal: it ends the process even if a read hangs inside the kernel.
    watch = threading.Timer(limit_s, _give_up, (limit_s, ping))
    watch.daemon = True
    watch.start()
    paths = state_paths(options.home, os.environ)
    require_named_config(paths, options.config, os.environ)
    if ping:
        ping.start(paths, options.config, os.environ)
    now_s = time.time()
    evidence = gather(paths, now_s, min(ANSWER_S, limit_s / 2))
    evidence = with_config(evidence, paths, options.config, os.environ)
    if not set(options.names or DEFAULT).isdisjoint(NEED_HISTORY):
        evidence = with_history(evidence, paths)
    verdicts = run_checks(evidence, options.names)
    watch.cancel()
    level = worst([verdict.level for verdict in verdicts])
    line = render(verdicts)
    if options.as_json:
        report = Report(now_s, level.name, level, line, verdicts)
        print(msgspec.json.encode(report).decode(), flush=True)
    elif not (options.quiet and level is Level.OK):
        print(line, flush=True)
    if ping:
        ping.finish(level, line)
    return level


def unknown_line(text: str) -> str:
    """The output of a `check` that could not run."""
    return f"LANDERCTL UNKNOWN - {clean(text)}"


def unknown_json(text: str) -> str:
    """The same for `--json`."""
    report = Report(time.time(), Level.UNKNOWN.name, Level.UNKNOWN, unknown_line(text), [])
    return msgspec.json.encode(report).decode()


def _ping(options: CheckOptions) -> Ping | None:
    if not options.ping:
        return None
    from landerctl.fast_path.ping import Ping  # noqa: PLC0415 - HTTP is slow to import

    return Ping(options.timeout_s)


def _give_up(limit_s: float, ping: Ping | None) -> None:
    line = unknown_line(f"no answer within {limit_s:g} s (--timeout); is the disk hanging?")
    with suppress(OSError):  # a full disk or a closed pipe must not keep this process alive
        os.write(1, f"{line}\n".encode())
    if ping:
        ping.finish(Level.UNKNOWN, line)
    os._exit(Level.UNKNOWN)
