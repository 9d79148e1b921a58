"""The judge of whether TensorBoard can be reached. Pure."""

from __future__ import annotations

from checks.checklist.burn_in.evidence import BoardAnswer
from checks.checklist.facts import Facts, Outcome, State
from checks.checklist.judge import LiveJudge

_STATES: dict[str, State] = {
    "answers": "holds",
    "silent": "fails",
    "off": "fails",
    "no server": "open",
}


def outcome_of(board: BoardAnswer) -> Outcome:
    """By what the daemon's TensorBoard answered over HTTP just now."""
    # The daemon that served it has stopped: what it was asked last counts.
    return Outcome(_STATES[board.state], board.text, expired=board.state == "no server")


def _accessible(facts: Facts) -> Outcome:
    if facts.burn_in is None:
        return Outcome("open", "no run has trained here: `landerctl start`")
    return outcome_of(facts.burn_in.board)


JUDGES: dict[str, LiveJudge] = {"start.tensorboard": _accessible}
