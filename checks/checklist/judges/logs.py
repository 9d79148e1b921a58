"""Judge of the line "Review logs"."""

from __future__ import annotations

from checks.checklist.facts import Facts, Outcome
from checks.checklist.judge import LiveJudge
from checks.wording import number
from daemon.protocol.finding import Figure


def logs(facts: Facts) -> Outcome:
    """The logs of the supervisor and of the run's trainer can be read."""
    if not facts.logs:
        return Outcome("open", "nothing has been trained: `landerctl start` begins the logs")
    unreadable = [f"{log.path}: {log.problem}" for log in facts.logs if log.problem]
    if unreadable:
        return Outcome("fails", "; ".join(unreadable))
    sizes = ", ".join(f"{log.path} ({number(log.size_bytes)} B)" for log in facts.logs)
    figures: dict[str, Figure] = {f"{log.path} bytes": log.size_bytes for log in facts.logs}
    return Outcome("holds", sizes, figures)


JUDGES: dict[str, LiveJudge] = {"support.logs": logs}
