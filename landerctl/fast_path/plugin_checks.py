"""The checks of plugins in `landerctl check`. Imported only if the daemon found a plugin."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from checks.evidence import Evidence
from checks.plugins.run import LIMIT_S, Ran, disabled_verdicts, named, run_plugin_checks
from checks.verdict import Verdict
from daemon.base.paths import StatePaths
from daemon.processes.ping import send
from daemon.protocol.control import CheckRanRequest
from daemon.store.records import PluginStatus
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

# Of the time that is left, so that a hanging plugin does not make the whole check UNKNOWN.
SHARE = 0.7


@dataclass(frozen=True)
class PluginVerdicts:
    """The verdicts about plugins, and what the daemon does not know yet."""

    verdicts: list[Verdict]
    news: list[Ran]

    def report(self, paths: StatePaths) -> None:
        """Let the daemon count the faults; without one nobody counts."""
        for one in self.news:
            send(paths, CheckRanRequest(one.plugin, one.fault))


def judge(evidence: Evidence, names: Sequence[str], deadline_s: float) -> PluginVerdicts:
    """Run the named checks of plugins, or all that are not disabled; also says what is disabled.

    `deadline_s`: of the clock `time.monotonic`. Raises Failure for a check that is no plugin's.
    """
    daemon = evidence.status.daemon if evidence.status else None
    found = daemon.plugins if daemon else []
    checks = {one.name: one for one in found if one.kind == "checks"}
    for name in named(names):
        if name not in checks:
            known = ", ".join(checks) or "none"
            text = f"the daemon found no check {name!r} of a plugin; it found: {known}"
            raise Failure(text, Exit.USAGE)
    wanted = [checks[name] for name in named(names)] if names else list(checks.values())
    verdicts = disabled_verdicts(wanted if names else found)
    if evidence.home_problem:
        return PluginVerdicts(verdicts, [])
    limit_s = min(LIMIT_S, SHARE * max(deadline_s - time.monotonic(), 0.1))
    runnable = [one.name for one in wanted if not one.disabled]
    ran = run_plugin_checks(runnable, evidence, limit_s)
    news = _news(ran, checks, shortened=limit_s < LIMIT_S / 2)
    return PluginVerdicts(verdicts + [one.verdict for one in ran], news)


def _news(
    ran: Sequence[Ran], checks: dict[str, PluginStatus], *, shortened: bool = False
) -> list[Ran]:
    """Those that failed, and those that work again.

    `shortened`: they had less than half of their time: being late is no fault of theirs.
    """
    return [
        one
        for one in ran
        if (one.fault or checks[one.plugin].faults) and not (one.late and shortened)
    ]
