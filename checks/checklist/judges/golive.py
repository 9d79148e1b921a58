"""Judges of the incidents and of the production notes."""

from __future__ import annotations

from checks.checklist.facts import Facts, Outcome
from checks.checklist.golive.deployment import deployment, free_notes
from checks.checklist.incidents import incidents
from checks.checklist.judge import SHOWN, LiveJudge
from checks.wording import some_of
from daemon.base.text.counted import counted
from daemon.protocol.finding import Figure

_NOT_DEPLOYED = "not deployed: `landerctl golive` records it with its verdict GO"


def _incidents(facts: Facts) -> Outcome:
    every = incidents(facts)
    if every is None:
        return Outcome("open", "incidents.md cannot be read")
    if not every and facts.address.run is None:
        return Outcome("open", "no run yet, in which one could happen: `landerctl start`")
    open_ids = [one.id for one in every if one.closed_s is None]
    figures: dict[str, Figure] = {"incidents": len(every), "open": len(open_ids)}
    if not open_ids:
        text = "none happened" if not every else f"{counted(len(every), 'incident')}, all closed"
        return Outcome("holds", text, figures)
    text = f"{len(open_ids)} of {len(every)} open: {some_of(open_ids, SHOWN)}"
    return Outcome("fails", text, figures)


def _field(name: str) -> LiveJudge:
    def judge(facts: Facts) -> Outcome:
        deployed = deployment(facts)
        if deployed is None:
            return Outcome("open", _NOT_DEPLOYED)
        value = getattr(deployed, name)
        if not value:
            return Outcome("fails", "it was not known at the go-live")
        return Outcome("holds", value, since_s=deployed.time_s)

    return judge


def _notes(facts: Facts) -> Outcome:
    notes = free_notes(facts)
    if not notes:
        return Outcome("open", "none yet: `landerctl note TEXT` adds one")
    newest = notes[-1].entry
    figures: dict[str, Figure] = {"notes": len(notes)}
    text = f"{counted(len(notes), 'note')}, the newest by {newest.by}"
    return Outcome("holds", text, figures, newest.time_s)


JUDGES: dict[str, LiveJudge] = {
    "support.incidents": _incidents,
    "notes.date": _field("date"),
    "notes.by": _field("by"),
    "notes.configuration": _field("configuration"),
    "notes.success-rate": _field("success_rate"),
    "notes.notes": _notes,
}
