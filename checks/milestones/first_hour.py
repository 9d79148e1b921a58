"""Checks the run's start: the production checklist's start-up and first-hour lines."""

from __future__ import annotations

import math

from checks.evidence import Evidence, HistoryEvidence
from checks.milestones.history import EPISODE_STEPS, ERRORS, LEARNING_RATE, STAGE, SUCCESS
from checks.milestones.milestone import (
    ended_s,
    events_until,
    missing,
    verdict,
    whole_checkpoints,
    written_tensorboard,
)
from checks.verdict import Finding, Level, Verdict
from checks.wording import duration, number, percent
from daemon.store.records import RunRecord

NAME = "first-hour"
_AT_ONCE = ("started", "no-errors", "first-checkpoint", "finite")


def check(evidence: Evidence) -> Verdict:
    """WARNING if a line does not hold after the first hour of training."""
    run = evidence.status.run if evidence.status else None
    history = evidence.history
    if run is None or history is None:
        return Verdict(NAME, Level.UNKNOWN, "no run, or its store cannot be read")
    return verdict(NAME, evidence, history.hour, findings(evidence, history, run), _AT_ONCE)


def findings(evidence: Evidence, history: HistoryEvidence, run: RunRecord) -> tuple[Finding, ...]:
    """The lines of the check, as far as the run has trained."""
    return (
        _started(evidence, history, run),
        _no_errors(history),
        _first_checkpoint(evidence, history),
        _reward(history),
        _episode_length(history),
        _success(history),
        _updates(history),
        _finite(history),
        whole_checkpoints(evidence, history, history.hour),
        written_tensorboard(evidence, history, history.hour),
    )


def _started(evidence: Evidence, history: HistoryEvidence, run: RunRecord) -> Finding:
    name = "started"
    if evidence.config is None:
        return Finding(name, None, "the configuration is unusable, so the limit is unknown")
    limit_s = evidence.config.checklist.startup_s
    limit = f"allowed: {duration(limit_s)}"
    if history.began_s is not None:
        took_s = history.began_s - run.created_s
        text = f"training began {duration(took_s)} after the start"
        return Finding(name, took_s <= limit_s, text if took_s <= limit_s else f"{text}, {limit}")
    waited_s = (ended_s(evidence) or evidence.now_s) - run.created_s
    text = f"no training {duration(waited_s)} after the start, {limit}"
    return Finding(name, False if waited_s > limit_s else None, text)


def _no_errors(history: HistoryEvidence) -> Finding:
    errors = events_until(history, ERRORS, history.hour.until_s)
    text = f"{errors[0].text} (first of {len(errors)})" if errors else "no error recorded"
    return Finding("no-errors", not errors, text)


def _first_checkpoint(evidence: Evidence, history: HistoryEvidence) -> Finding:
    name = "first-checkpoint"
    if evidence.config is None or history.began_s is None:
        return missing(name, history.hour, "none yet")
    limit_s = evidence.config.checks.checkpoint_age_warning_s
    limit = f"checks.checkpoint_age_warning_s is {limit_s:g}"
    if history.first_checkpoint_s is not None:
        took_s = history.first_checkpoint_s - history.began_s
        text = f"{duration(took_s)} after training began"
        return Finding(name, took_s <= limit_s, text if took_s <= limit_s else f"{text}, {limit}")
    waited_s = (ended_s(evidence) or evidence.now_s) - history.began_s
    text = f"none {duration(waited_s)} after training began, {limit}"
    return Finding(name, False if waited_s > limit_s else None, text)


def _reward(history: HistoryEvidence) -> Finding:
    """By the divergence monitor, as a trend of the reward across stages means nothing."""
    sign = open_signs(history).get("reward")
    return Finding("reward", sign is None, sign or "not falling")


def _episode_length(history: HistoryEvidence) -> Finding:
    name = "episode-length"
    steps = history.hour.newest.get(EPISODE_STEPS)
    stage = history.hour.newest.get(STAGE)
    if steps is None or stage is None:
        return missing(name, history.hour, "no episode has ended yet")
    if not 1 <= stage <= len(history.episode_limits):
        return Finding(name, None, f"{number(steps)} steps, limit of stage {stage:g} unknown")
    limit = history.episode_limits[int(stage) - 1]
    return Finding(name, steps < limit, f"{number(steps)} of {limit:,} steps in stage {stage:g}")


def _success(history: HistoryEvidence) -> Finding:
    rate = history.hour.newest.get(SUCCESS)
    if history.hour.succeeded:
        return Finding("success", True, f"some landings, last {percent(rate)}")
    return missing("success", history.hour, "no landing yet")


def _updates(history: HistoryEvidence) -> Finding:
    name = "updates"
    signs = open_signs(history)
    rate = history.hour.newest.get(LEARNING_RATE)
    for sign in ("kl", "value_loss"):
        if sign in signs:
            return Finding(name, False, signs[sign])
    if rate is None:
        return missing(name, history.hour, "no update yet")
    return Finding(name, math.isfinite(rate), f"stable, learning rate {rate:.2g}")


def _finite(history: HistoryEvidence) -> Finding:
    found = events_until(history, ("training.not_finite",), history.hour.until_s)
    text = f"{found[0].text} (first of {len(found)})" if found else "every metric is a number"
    return Finding("finite", not found, text)


def open_signs(history: HistoryEvidence) -> dict[str, str]:
    """The signs of divergence present at the end of the hour, with their events' texts."""
    signs: dict[str, str] = {}
    names = ("training.diverging", "training.steady", "rollback.done")
    for event in events_until(history, names, history.hour.until_s):
        if event.name == "rollback.done":
            signs.clear()
        elif event.name == "training.diverging":
            signs[str(event.body.get("sign"))] = event.text
        else:
            signs.pop(str(event.body.get("sign")), None)
    return signs
