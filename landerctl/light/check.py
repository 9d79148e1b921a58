"""`landerctl check`: one line and an exit code, for cron and for monitoring systems."""

from __future__ import annotations

import os
import threading
import time

import msgspec

from checks.gather import gather, with_config
from checks.registry import CHECKS, run_checks
from checks.verdict import Level, Verdict, clean, render, worst
from daemon.paths import state_paths
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.light.check_options import CheckOptions


class Report(msgspec.Struct, frozen=True):
    """The JSON of `landerctl check --json`."""

    time_s: float
    level: str
    exit_code: int
    text: str
    verdicts: list[Verdict]


def run(options: CheckOptions) -> int:
    """Print the verdict's line; return its level. Raises Failure for an unknown check."""
    for name in options.names:
        if name not in CHECKS:
            raise Failure(f"no check {name!r}; there are {', '.join(CHECKS)}", Exit.USAGE)
    # A thread, not a signal: it ends the process even where a read hangs inside the kernel.
    watch = threading.Timer(options.timeout_s, _give_up, (options.timeout_s,))
    watch.daemon = True
    watch.start()
    now_s = time.time()
    paths = state_paths(options.home, os.environ)
    evidence = with_config(gather(paths, now_s), paths, options.config, os.environ)
    verdicts = run_checks(evidence, options.names)
    watch.cancel()
    level = worst([verdict.level for verdict in verdicts])
    if options.as_json:
        report = Report(now_s, level.name, level, render(verdicts), verdicts)
        print(msgspec.json.encode(report).decode())
    elif not (options.quiet and level is Level.OK):
        print(render(verdicts))
    return level


def unknown_line(text: str) -> str:
    """What `check` says where it could not do its work."""
    return f"LANDERCTL UNKNOWN - {clean(text)}"


def _give_up(timeout_s: float) -> None:
    line = unknown_line(f"no answer within {timeout_s:g} s (--timeout); is the disk hanging?")
    os.write(1, f"{line}\n".encode())
    os._exit(Level.UNKNOWN)
