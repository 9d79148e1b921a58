"""Judges of the production configuration: machine, software, settings, backups, dashboard."""

from __future__ import annotations

from collections.abc import Callable

from checks.checklist.facts import Facts, Outcome, State
from checks.checklist.judge import LiveJudge
from checks.preflight.machine import machine_rows
from checks.preflight.row import Row
from checks.preflight.settings import shown
from checks.preflight.software import packages_row, python_row
from checks.verdict import Level
from checks.wording import duration
from daemon.base.text.counted import counted
from daemon.config import Config, load_config
from daemon.protocol.finding import Figure

HOUR_S = 3600.0
_MACHINE = ("cores", "memory", "disk", "gpu")
_UNKNOWN = Outcome("open", "the configuration is unknown: `landerctl preflight` says why")


def _hardware(index: int) -> LiveJudge:
    def judge(facts: Facts) -> Outcome:
        if facts.machine is None:
            return Outcome("open", "not measured: `landerctl preflight`")
        config = facts.evidence.config
        device = config.run.device if config else load_config(None).config.run.device
        return _outcome(machine_rows(facts.machine, facts.limits, device)[index])

    return judge


def _software(row: Callable[[Facts], Row | None]) -> LiveJudge:
    def judge(facts: Facts) -> Outcome:
        found = row(facts)
        return _outcome(found) if found else Outcome("open", "not read: `landerctl preflight`")

    return judge


def _packages(*names: str) -> LiveJudge:
    return _software(lambda facts: packages_row(facts.software, names) if facts.software else None)


def _outcome(row: Row) -> Outcome:
    state: State = (
        "holds" if row.level is Level.OK else "open" if row.level is Level.UNKNOWN else "fails"
    )
    return Outcome(state, row.text, row.figures)


def _config(facts: Facts) -> Outcome:
    evidence = facts.evidence
    if evidence.config_problem is not None:
        return Outcome("fails", evidence.config_problem)
    found = facts.differing
    if found is None:
        return _UNKNOWN
    if not found:
        return Outcome("holds", "valid, trains with the tested defaults", {"differing": 0})
    figures: dict[str, Figure] = {"differing": len(found), **found}
    return Outcome("holds", f"valid; differs from what was tested: {shown(found)}", figures)


def _cloud(facts: Facts) -> Outcome:
    config = facts.evidence.config
    if config is None:
        return _UNKNOWN
    count = len(config.backup.targets)
    if count == 0:
        return Outcome("fails", "no target is configured: backup.targets is empty", {"targets": 0})
    if "interval" not in config.backup.automatic:
        return Outcome("fails", "backup.automatic does not contain interval checkpoints")
    return _sent(facts, count)


def _sent(facts: Facts, count: int) -> Outcome:
    """Whether each of `count` targets has what the run's checkpoints left to send."""
    known, limits = facts.backups, facts.limits
    if known is None or known.unsent is None:
        text = f"{counted(count, 'target')} configured, no run has sent to it yet"
        return Outcome("open", text, {"targets": count})
    figures: dict[str, Figure] = {
        "targets": count,
        "unsent": known.unsent,
        "interval_steps": known.interval_steps,
    }
    if known.interval_steps > limits.checkpoint_steps:
        return Outcome("fails", f"a checkpoint every {known.interval_steps:,} steps only", figures)
    if known.unsent < 1:
        return Outcome("holds", f"{counted(count, 'target')}, none lacks a backup", figures)
    since_s = facts.evidence.age_s(known.complete_s or known.created_s)
    text = f"a target lacks {counted(int(known.unsent), 'backup')}, for {duration(since_s)}"
    state: State = "fails" if since_s > limits.offsite_delay_s else "holds"
    return Outcome(state, text, figures | {"unsent_s": round(since_s)})


def _tensorboard(facts: Facts) -> Outcome:
    known, history = facts.backups, facts.evidence.history
    if known is None or history is None or history.tensorboard_s is None:
        return Outcome("open", "no run has written TensorBoard files: let one train")
    most_s = facts.limits.tensorboard_copy_h * HOUR_S
    behind_s = history.tensorboard_s - (known.logs_copied_s or known.created_s)
    figures: dict[str, Figure] = {"behind_h": round(behind_s / HOUR_S, 2)}
    if known.logs_copied_s is None:
        if behind_s > most_s:
            return Outcome("fails", f"never copied in {duration(behind_s)}", figures)
        return Outcome("open", "not copied yet: a running daemon copies them once a day")
    text = f"the newest copy is {duration(behind_s)} older than the files"
    return Outcome("holds" if behind_s <= most_s else "fails", text, figures)


def _retention(facts: Facts) -> Outcome:
    config = facts.evidence.config
    if config is None:
        return _UNKNOWN
    keep, final = config.backup.keep_days, config.backup.keep_final_days
    limits = facts.limits
    holds = keep >= limits.backup_keep_days and final >= limits.backup_keep_final_days
    text = (
        f"{keep:g} days for checkpoints, {final:g} for final models; at least "
        f"{limits.backup_keep_days:g} and {limits.backup_keep_final_days:g}"
    )
    figures: dict[str, Figure] = {"keep_days": keep, "keep_final_days": final}
    return Outcome("holds" if holds else "fails", text, figures)


def _dashboard(facts: Facts) -> Outcome:
    config, evidence = facts.evidence.config, facts.evidence
    if config is None:
        return _UNKNOWN
    if evidence.store.state != "readable":
        problem = evidence.store.problem or f"the store is {evidence.store.state}"
        state: State = "open" if evidence.store.state == "missing" else "fails"
        return Outcome(state, f"nothing to show yet: {problem}" if state == "open" else problem)
    missing = _missing(config)
    if missing:
        return Outcome("fails", f"missing: {', '.join(missing)}")
    names = ", ".join(target.name for target in config.notify.targets)
    return Outcome("holds", f"`landerctl tui`, {_served(config)}; notified: {names}")


def _missing(config: Config) -> list[str]:
    found = []
    if not _served(config):
        found.append("tensorboard.enabled or prometheus.enabled")
    if not config.notify.targets:
        found.append("a target in notify.targets")
    return found


def _served(config: Config) -> str:
    servers = (("TensorBoard", config.tensorboard), ("Prometheus", config.prometheus))
    return " and ".join(name for name, settings in servers if settings.enabled)


JUDGES: dict[str, LiveJudge] = {
    **{f"hardware.{name}": _hardware(i) for i, name in enumerate(_MACHINE)},
    "software.python": _software(
        lambda facts: python_row(facts.software) if facts.software else None
    ),
    "software.stable-baselines3": _packages("stable-baselines3"),
    "software.gymnasium": _packages("gymnasium"),
    "software.numpy": _packages("numpy", "matplotlib", "tensorboard"),
    "software.basilisk": _packages("bsk"),
    "software.config": _config,
    "backup.cloud": _cloud,
    "backup.tensorboard": _tensorboard,
    "backup.retention": _retention,
    "before.dashboard": _dashboard,
}
