"""Performance: expected figures, time estimates, success criteria."""

from __future__ import annotations

from checks.checklist.model import Drill, Group, Line, Lines, Live, Phase

_BENCHMARKS = "landerctl benchmarks"
_ESTIMATE = "landerctl estimate"
_EVALUATE = "landerctl drill evaluation"
_LAST_STAGE = "over the part of the last hour of training in stage 5, after its ramp"
_TRENDS = "see `landerctl plot`, and `landerctl alerts show` of the rule"


def _benchmark(
    name: str,
    text: str,
    measure: str,
    *thresholds: str,
    remedy: str = _TRENDS,
    translated: str = "",
) -> Line:
    return Line(
        f"benchmarks.{name}",
        text,
        Live(),
        measure,
        remedy,
        _BENCHMARKS,
        translated,
        thresholds=thresholds,
    )


def _estimate(place: int, name: str, text: str, translated: str) -> Line:
    return Line(
        f"estimates.{name}",
        text,
        Live(),
        "Expected hours of a new training by that fleet on this machine: to gate 1, to the last "
        f"gate and to run.timesteps: at most {{estimate_stage_1_h[{place}]:g}}, "
        f"{{estimate_curriculum_h[{place}]:g}} and {{estimate_total_h[{place}]:g}} h. From the "
        "speed of the last hour of training and the recorded trainings.",
        "let it train, or use a faster machine",
        _ESTIMATE,
        translated,
        thresholds=("estimate_stage_1_h", "estimate_curriculum_h", "estimate_total_h"),
        required=False,
    )


def _quality(name: str, text: str, measure: str, *thresholds: str) -> Line:
    return Line(
        f"quality.{name}",
        text,
        Drill("evaluation", name, ("version", "fingerprint", "run", "best")),
        f"{measure} Of {{evaluation_episodes}} episodes of the mean action in the last stage, by "
        "the best model on seeds that neither training nor a gate used; it must still be the best "
        "model, and the evaluation at most {evidence_days:g} days old.",
        _EVALUATE,
        _EVALUATE,
        thresholds=(*thresholds, "evaluation_episodes"),
    )


EXPECTED = Phase(
    "benchmarks",
    "Expected Performance Metrics",
    (
        Group(
            "",
            (
                _benchmark(
                    "speed",
                    "Training Speed | 800-1200 steps/sec | < 500 steps/sec",
                    "Median of `time/fps` over the last hour of training: not below the rule "
                    "`speed-low`.",
                    translated="All landers share one simulation: tens of thousands of steps/s are "
                    "expected (expected.steps_per_s); the document's threshold stays.",
                ),
                _benchmark(
                    "memory",
                    "Memory per Env | 150-250 MB | > 500 MB",
                    "Median of `memory/lander_mb` over the last hour of training: not above the "
                    "rule `memory-per-lander`.",
                    translated="The trainer's memory, divided by the number of landers.",
                ),
                _benchmark(
                    "stage-1",
                    "Stage 1 Success | 40-60% | < 20%",
                    "Success rate at the gate of stage 1 (mean action, evaluation seeds), "
                    "before it, from the rule's `stage_steps` on, the last "
                    "`episode/success_rate_100` there: not below the rule `stage-1-success-low`.",
                ),
                _benchmark(
                    "stage-5",
                    "Stage 5 Success | 65-75% | < 50%",
                    f"Median of `episode/success_rate_100` {_LAST_STAGE}: not below the rule "
                    "`stage-5-success-low`.",
                ),
                _benchmark(
                    "reward",
                    "Mean Reward (Stage 5) | 900-1200 | < 600",
                    f"Median of `curriculum/reward_100` {_LAST_STAGE}: not below the rule "
                    "`stage-5-reward-low`.",
                ),
                _benchmark(
                    "fuel",
                    "Fuel Efficiency | 40-60% remaining | < 20%",
                    f"Median of `landing/fuel_left` {_LAST_STAGE}: not below the rule `fuel-low`.",
                ),
                _benchmark(
                    "precision",
                    "Landing Precision | < 10m from target | > 30m",
                    f"Median of `landing/distance_m` {_LAST_STAGE}: at most "
                    "{precision_alert_m:g} m.",
                    "precision_alert_m",
                    translated="Our rule `precision-low` is stricter: a landing beyond the pad is "
                    "none.",
                ),
                _benchmark(
                    "episode-length",
                    "Episode Length | 400-800 steps | > 1000 steps",
                    f"Median of `rollout/ep_len_mean` {_LAST_STAGE}: not above the rule "
                    "`episodes-long`.",
                    translated="A descent from 20 km takes about 200 s, at ten control steps a "
                    "second.",
                ),
            ),
        ),
    ),
)
ESTIMATES = Phase(
    "estimates",
    "Training Time Estimates",
    (
        Group(
            "",
            (
                _estimate(
                    0,
                    "4-envs",
                    "4 envs (minimum) | 2-3 hrs | 8-12 hrs | 10-15 hrs",
                    "Four processes of the document are a fleet of 32 landers.",
                ),
                _estimate(
                    1,
                    "8-envs",
                    "8 envs (recommended) | 1-2 hrs | 4-8 hrs | 5-10 hrs",
                    "Eight processes of the document are a fleet of 128 landers.",
                ),
                _estimate(
                    2,
                    "16-envs",
                    "16 envs (maximum) | 0.5-1 hr | 2-4 hrs | 2.5-5 hrs",
                    "Sixteen processes of the document are a fleet of 256 landers.",
                ),
            ),
        ),
    ),
)
QUALITY = Phase(
    "quality",
    "Success Criteria for Production",
    (
        Group(
            "Final Model Quality",
            (
                _quality(
                    "success",
                    "Success rate > 65% on Stage 5 environment",
                    "Share of the episodes that land: above {success_rate:.0%}.",
                    "success_rate",
                ),
                _quality(
                    "reward",
                    "Mean reward > 900 over 100 evaluation episodes",
                    "Mean reward of all episodes above {mean_reward:g}.",
                    "mean_reward",
                ),
                _quality(
                    "precision",
                    "Landing precision < 15m average",
                    "Mean distance of the landings from the pad below {distance_m:g} m.",
                    "distance_m",
                ),
                _quality(
                    "fuel",
                    "Fuel remaining > 30% average",
                    "Mean share of the propellant that landings have left: above {fuel_left:.0%}.",
                    "fuel_left",
                ),
                _quality(
                    "soft",
                    "Soft landing (velocity < 2 m/s) in 95%+ of successes",
                    "Share of the landings that touch down below 2 m/s: at least {soft_share:.0%}.",
                    "soft_share",
                ),
            ),
        ),
        Group(
            "Training Reliability",
            (
                Line(
                    "quality.no-crashes",
                    "Zero crashes in final 48 hours",
                    Lines(("burn-in.no-crashes",)),
                    "The line burn-in.no-crashes holds: the burn-in's last {crash_free_h:g} h.",
                    "landerctl burn-in",
                    "landerctl burn-in",
                    thresholds=("crash_free_h",),
                ),
                Line(
                    "quality.stages",
                    "All 5 curriculum stages completed",
                    Live(),
                    "In this run `stage.passed` was recorded for each of the document's five "
                    "stages, by the mean action on evaluation seeds, and no later rollback went "
                    "back before it. A demo, or a training of one stage, leaves it open.",
                    "let it train, or see `landerctl plot`",
                    "landerctl events --name stage.passed",
                ),
                Line(
                    "quality.checkpoints",
                    "Checkpoints saved successfully",
                    Lines(("burn-in.checkpoints", "hour.checkpoints")),
                    "Both lines hold.",
                    "landerctl check checkpoint",
                    "landerctl check checkpoint",
                ),
                Line(
                    "quality.resume",
                    "Resume functionality tested and working",
                    Lines(
                        (
                            "burn-in.interrupted",
                            "burn-in.resumes",
                            "burn-in.right-stage",
                            "burn-in.reward-continuous",
                            "burn-in.no-worse",
                        )
                    ),
                    "The lines of the drill `resume` hold.",
                    "landerctl drill resume",
                    "landerctl drill resume",
                ),
            ),
        ),
        Group(
            "System Performance",
            (
                Line(
                    "quality.memory",
                    "Memory stable over 72+ hours",
                    Live(),
                    "As burn-in.memory-stable, over {burn_in_h:g} h of training.",
                    "landerctl burn-in",
                    "landerctl burn-in",
                    thresholds=(
                        "burn_in_h",
                        "memory_growth_gb_per_day",
                        "memory_per_lander_mb",
                    ),
                ),
                Line(
                    "quality.speed",
                    "Training speed meets benchmarks",
                    Lines(("benchmarks.speed",)),
                    "The line benchmarks.speed holds.",
                    _BENCHMARKS,
                    _BENCHMARKS,
                ),
                Line(
                    "quality.leaks",
                    "No resource leaks detected",
                    Lines(("burn-in.memory-stable", "burn-in.descriptors", "burn-in.zombies")),
                    "All three lines hold.",
                    "landerctl burn-in",
                    "landerctl burn-in",
                ),
            ),
        ),
    ),
)
