"""Phase 3: algorithm validation."""

from __future__ import annotations

from checks.checklist.model import Drill, Group, Line, Phase

_DRILL = "landerctl drill algorithms"


def _line(
    name: str,
    text: str,
    measure: str,
    translated: str = "",
    thresholds: tuple[str, ...] = ("algorithm_steps",),
) -> Line:
    judge = Drill("algorithms", name)
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
    "A training of {algorithm_steps} environment steps in stage 1, with the configured fleet and "
    "the algorithm's configured section, ends by itself with a whole final checkpoint."
)
_ONE_SEED = "One training of each, with the configured seed and number of landers."

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
                    "The mean reward of 100 consecutive episodes of the training of "
                    "{algorithm_steps} steps, or of {evaluation_episodes} of its final model's "
                    "mean action, is above 0, for each.",
                    thresholds=("algorithm_steps", "evaluation_episodes"),
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
                    "The largest fall of PPO's success rate of 100 episodes below its best so far "
                    "(maximum drawdown): at most 0.2, or that of each of SAC and TD3. Fails "
                    "if PPO never landed.",
                    _ONE_SEED,
                ),
                _line(
                    "sac-efficient",
                    "SAC: Better sample efficiency",
                    "After {algorithm_steps} steps of each, SAC's mean action lands more often "
                    "than PPO's: the 95% intervals (Wilson) of {evaluation_episodes} episodes "
                    "do not "
                    "overlap. Steps to a positive reward and to ten landings are shown.",
                    _ONE_SEED,
                    ("algorithm_steps", "evaluation_episodes"),
                ),
                _line(
                    "td3-competitive",
                    "TD3: Competitive final performance",
                    "TD3's final success rate is above 0 and at least that of the better of PPO "
                    "and SAC minus 0.1: each by the mean action of its final model in "
                    "{evaluation_episodes} episodes on evaluation seeds.",
                    _ONE_SEED,
                    ("algorithm_steps", "evaluation_episodes"),
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
