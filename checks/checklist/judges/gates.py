"""Judges of the gates: success rates, mean rewards, VecNormalize's statistics. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

from checks.checklist.burn_in.evidence import BurnInEvidence, GateCount, PassedGate
from checks.checklist.facts import Facts, Outcome, State
from checks.checklist.judge import LiveJudge
from checks.wording import number, percent
from daemon.protocol.finding import Figure

_NO_RUN = Outcome("open", "no run yet, or its store cannot be read: see `landerctl status`")
_STAGES = 5


def _without(found: BurnInEvidence, stage: int) -> str:
    """Why a gate cannot be passed by this run, or has not been; one line."""
    if found.mode == "standard":
        return 'the run trains one stage: it needs one with run.mode = "curriculum"'
    if stage > found.stages:
        return (
            f"the run, of mode {found.mode}, has {found.stages} stages: "
            'it needs one with run.mode = "curriculum"'
        )
    return f"the gate of stage {stage} has not been passed yet"


def _stage(stage: int, facts: Facts) -> Outcome:
    found, rates = facts.burn_in, facts.limits.stage_success_rates
    if found is None:
        return _NO_RUN
    gate = next((one for one in found.gates if one.stage == stage), None)
    if gate is None or found.mode == "standard":
        return Outcome("open", _without(found, stage))
    if stage > len(rates):
        return Outcome("open", f"checklist.stage_success_rates has no entry {stage}")
    limit = rates[stage - 1]
    figures: dict[str, Figure] = {"success_rate": gate.success_rate, "limit": limit}
    text = f"{percent(gate.success_rate)} at the gate, limit {percent(limit)}"
    if _other(gate, facts):
        return Outcome("stale", f"{text}; {_OTHER}", figures, gate.time_s)
    state: State = "holds" if gate.success_rate >= limit else "fails"
    return Outcome(state, text, figures, gate.time_s)


_OTHER = "passed by another version or configuration"


def _other(gate: PassedGate, facts: Facts) -> bool:
    return gate.fingerprint != facts.address.fingerprint


def _rewards(facts: Facts) -> Outcome:
    found, limits = facts.burn_in, facts.limits.stage_mean_rewards
    if found is None:
        return _NO_RUN
    gates = {gate.stage: gate for gate in found.gates if gate.stage <= len(limits)}
    figures: dict[str, Figure] = {
        f"mean_reward_{stage}": gate.mean_reward for stage, gate in gates.items()
    }
    low = [gate for gate in gates.values() if gate.mean_reward < limits[gate.stage - 1]]
    missing = [stage for stage in range(1, len(limits) + 1) if stage not in gates]
    text = ", ".join(
        f"stage {stage}: {number(gate.mean_reward)} (limit {limits[stage - 1]:g})"
        for stage, gate in gates.items()
    )
    since_s = max((gate.time_s for gate in gates.values()), default=None)
    if low:
        return Outcome("fails", text, figures, since_s)
    if missing or found.mode == "standard":
        rest = _without(found, missing[0] if missing else 1)
        return Outcome("open", f"{text}; {rest}" if text else rest, figures, since_s)
    if any(_other(gate, facts) for gate in gates.values()):
        return Outcome("stale", f"{text}; {_OTHER}", figures, since_s)
    return Outcome("holds", text, figures, since_s)


def _normaliser(facts: Facts) -> Outcome:
    found = facts.burn_in
    if found is None:
        return _NO_RUN
    if not found.normalizes:
        return Outcome("does not apply", "normalize.observations is false: there are none")
    broken = next((one for one in found.counts if one.problem or one.count is None), None)
    if broken is not None:
        why = broken.problem or f"{broken.checkpoint} has no count of observations"
        return Outcome("fails", why)
    figures: dict[str, Figure] = {f"observations_{one.stage}": one.count for one in found.counts}
    text = ", ".join(f"stage {one.stage}: {number(one.count)}" for one in found.counts)
    if anew := _anew(found.counts):
        text = f"begun anew before {anew}: {text} observations"
        return Outcome("fails", text, figures)
    if len(found.counts) < max(2, min(found.stages, _STAGES)) or found.mode == "standard":
        rest = _without(found, len(found.counts) + 1)
        return Outcome("open", f"{text} observations; {rest}" if text else rest, figures)
    return Outcome("holds", f"{text} observations: none begins anew", figures)


def _anew(counts: Sequence[GateCount]) -> str:
    """The first gate with no more observations than the one of the stage before it.

    Gates that a clone passes before its training have the same number.
    """
    for earlier, later in pairwise(counts):
        both_before = earlier.timesteps == later.timesteps == 0 and later.count == earlier.count
        if not both_before and (later.count or 0.0) <= (earlier.count or 0.0):
            return later.checkpoint
    return ""


JUDGES: dict[str, LiveJudge] = {
    **{f"burn-in.stage-{stage}": partial(_stage, stage) for stage in range(1, _STAGES + 1)},
    "burn-in.mean-rewards": _rewards,
    "burn-in.normaliser-persists": _normaliser,
}
