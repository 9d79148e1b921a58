"""Phase 3: algorithm validation."""

from __future__ import annotations

from checks.checklist.model import Drill, Group, Line, Phase

_DRILL = "landerctl drill algorithms"


def _line(name: str, text: str, measure: str, translated: str = "") -> Line:
    judge = Drill("algorithms", name)
    thresholds = ("algorithm_steps",)
    return Line(
        f"algorithms.{name}",
        text,
        judge,
        measure,
        _DRILL,
        _DRILL,
        translated,
        thresholds=thresholds,
    )


_COMPLETES = (
    "A training of {algorithm_steps} environment steps in stage 1 ends by itself, with a whole "
    "final "
    "checkpoint."
)

PHASE = Phase(
    "algorithms",
    "Phase 3: Algorithm Validation (4-8 hours)",
    (
        Group(
            "Test different algorithms",
            (
                _line("ppo", "PPO completes training successfully", _COMPLETES),
                _line("sac", "SAC completes training successfully", _COMPLETES),
                _line("td3", "TD3 completes training successfully", _COMPLETES),
                _line(
                    "positive-rewards",
                    "All algorithms reach positive rewards",
                    "The mean reward of 100 consecutive episodes is above 0 within "
                    "{algorithm_steps} steps, for each.",
                ),
                _line(
                    "no-algorithm-crashes",
                    "No algorithm-specific crashes",
                    "No trainer crashed, hung, or met a number that is not finite.",
                ),
            ),
        ),
        Group(
            "Compare performance",
            (
                _line(
                    "ppo-stable",
                    "PPO: Stable, predictable learning",
                    "The largest fall of PPO's success rate of 100 episodes below its best so far, "
                    "after its first landing: at most that of SAC and TD3, or 0.2.",
                ),
                _line(
                    "sac-efficient",
                    "SAC: Better sample efficiency",
                    "SAC needs fewer environment steps than PPO to the first ten landings.",
                ),
                _line(
                    "td3-competitive",
                    "TD3: Competitive final performance",
                    "TD3's final success rate is at least that of the better of PPO and SAC minus "
                    "0.1.",
                ),
                _line(
                    "successful-landings",
                    "All algorithms converge to successful landings",
                    "Each lands at least ten times within {algorithm_steps} steps.",
                ),
            ),
        ),
    ),
)
