"""Judges of the document's benchmarks and time estimates."""

from __future__ import annotations

from checks.checklist.facts import Facts, Outcome
from checks.checklist.judge import LiveJudge
from checks.checklist.performance.benchmarks import BENCHMARKS, Benchmark, judge_benchmark
from checks.checklist.performance.first_hour import first_hour_of
from checks.checklist.performance.run_estimate import estimate_completion
from checks.wording import duration
from daemon.protocol.finding import Figure

HOUR_S = 3600.0
_NO_ESTIMATE = (
    "needs a minute of training in the default stages, and a recorded speed of such a fleet"
)
FLEETS = (32, 128, 256)  # landers of the document's 4, 8 and 16 processes


def _benchmark(row: Benchmark) -> LiveJudge:
    def judge(facts: Facts) -> Outcome:
        config = facts.evidence.config
        if config is None:
            return Outcome("open", "the configuration is unknown: `landerctl preflight`")
        rules = {rule.name: rule for rule in config.alerts}
        known = first_hour_of(facts.performance, facts.ledger, facts.address)
        found = judge_benchmark(row, facts.performance, rules, facts.limits, known)
        figures: dict[str, Figure] = {row.figure: found.measured, "threshold": found.threshold}
        if found.holds is None:
            return Outcome("open", found.text)
        return Outcome("holds" if found.holds else "fails", found.text, figures)

    return judge


def _estimate(index: int) -> LiveJudge:
    def judge(facts: Facts) -> Outcome:
        run = facts.performance
        found = None if run is None else estimate_completion(run, FLEETS[index])
        if run is None or found is None or not found.gates:
            return Outcome("open", _NO_ESTIMATE)
        limits = facts.limits
        times_s = {
            "stage_1_h": (found.gates[0].trained_s.expected, limits.estimate_stage_1_h),
            "curriculum_h": (found.gates[-1].trained_s.expected, limits.estimate_curriculum_h),
            "total_h": (found.end_s.expected, limits.estimate_total_h),
        }
        late = [name for name, (time_s, most) in times_s.items() if time_s > most[index] * HOUR_S]
        text = (
            f"stage 1 in {duration(times_s['stage_1_h'][0])}, all stages in "
            f"{duration(times_s['curriculum_h'][0])}, all steps in "
            f"{duration(times_s['total_h'][0])}"
        )
        figures: dict[str, Figure] = {
            name: round(time_s / HOUR_S, 2) for name, (time_s, _) in times_s.items()
        }
        if late:
            most_h = ", ".join(f"{name[:-2]} {times_s[name][1][index]:g} h" for name in late)
            return Outcome("fails", f"{text}; the document has at most {most_h}", figures)
        return Outcome("holds", text, figures)

    return judge


JUDGES: dict[str, LiveJudge] = {
    **{f"benchmarks.{row.name}": _benchmark(row) for row in BENCHMARKS},
    **{f"estimates.{name}": _estimate(i) for i, name in enumerate(("4-envs", "8-envs", "16-envs"))},
}
