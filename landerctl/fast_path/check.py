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
    from collections.abc import Sequence

    from checks.evidence import Evidence
    from landerctl.fast_path.ping import Ping
    from landerctl.fast_path.plugin_checks import PluginVerdicts


PLUGIN = "plugin:"  # begins the names of the checks of plugins


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
        if name not in CHECKS and not name.startswith(PLUGIN):
            raise Failure(f"no check {name!r}; checks are {', '.join(CHECKS)}", Exit.USAGE)
    ping = _ping(options)
    # Reserve the time for the last ping.
    limit_s = options.timeout_s - (ping.limit_s if ping else 0.0)
    deadline_s = time.monotonic() + limit_s
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
    ours = [name for name in options.names if name in CHECKS]
    verdicts = run_checks(evidence, ours) if ours or not options.names else []
    plugins = _plugins(evidence, options.names, deadline_s)
    verdicts += [] if plugins is None else plugins.verdicts
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
    if plugins is not None:
        plugins.report(paths)
    return level


def _plugins(evidence: Evidence, names: Sequence[str], deadline_s: float) -> PluginVerdicts | None:
    """What plugins add; None if the daemon found none, and none is named. Raises Failure."""
    daemon = evidence.status.daemon if evidence.status else None
    wanted = any(name.startswith(PLUGIN) for name in names)
    if not wanted and (names or daemon is None or not daemon.plugins):
        return None
    from landerctl.fast_path.plugin_checks import judge  # noqa: PLC0415 - most have no plugin

    return judge(evidence, names, deadline_s)


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
