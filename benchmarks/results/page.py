"""docs/results.md, made from the results beside it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

from benchmarks.results.record import FOLDER, RunResult
from daemon.runs.evaluations import EvaluationResult
from daemon.runs.intervals import Interval

PAGE = FOLDER.with_suffix(".md")
HEAD = """\
# Results

Trainings from scratch on the default configuration, each run with the commands that an operator
uses, in a state folder of its own. The best model of each (by the lower confidence bound of its
evaluations) then flew {episodes} seeds that neither training nor any evaluation had flown, and the
reference pilot flew the same ones. Made by:

    make results

That takes hours: `python -m benchmarks.results --help` does parts of it. What each run left behind
is in `docs/results/`. 95% confidence intervals in parentheses.
"""


def write_page(results: Sequence[RunResult]) -> Path:
    """Write the page and return its path."""
    PAGE.write_text(render(results), encoding="utf-8")
    return PAGE


def render(results: Sequence[RunResult]) -> str:
    """The page's text."""
    ppo = [r for r in results if r.algorithm == "ppo" and r.default]
    parts = [HEAD.format(episodes=next((r.final.episodes for r in ppo if r.final), 500))]
    if ppo:
        parts += [_gates(ppo), _policies(ppo)]
    if others := [r for r in results if r.algorithm != "ppo" and r.default]:
        parts.append(_first_gates([*ppo[:1], *others]))
    if killed := [r for r in results if r.kills]:
        parts.append(_kills(killed, results))
    parts.append(_machines(results))
    return "\n".join(parts)


def _gates(runs: Sequence[RunResult]) -> str:
    stages = sorted({gate.stage for run in runs for gate in run.gates})
    head = ["gate", *(f"seed {run.seed}" for run in runs), "median"]
    rows = []
    for stage in stages:
        cells, times = [], []
        for run in runs:
            gate = next((gate for gate in run.gates if gate.stage == stage), None)
            if gate is None:
                cells.append("not passed")
                continue
            times.append(gate.trained_s / 60)
            share, reward = f"{gate.success_rate:.0%}", f"{gate.reward_mean:.0f}"
            steps = f"{gate.timesteps / 1e6:.1f} M steps"
            cells.append(f"{gate.trained_s / 60:.1f} min, {steps}; {share}, {reward}")
        whole = len(times) == len(runs)
        median = f"{statistics.median(times):.1f} min" if whole else "not all passed"
        rows.append([str(stage), *cells, median])
    text = "Time and steps from the start of training to each gate; success and mean reward of\n"
    text += "its confirmation by the mean action.\n"
    speeds = ", ".join(f"{run.steps_per_s:,.0f}" for run in runs)
    rest = f"\nMedian speed, evaluations included: {speeds} steps/s.\n"
    return f"## From nothing to a pilot\n\n{text}\n{_table(head, rows)}{rest}"


def _policies(runs: Sequence[RunResult]) -> str:
    flown = [(f"PPO, seed {run.seed}", run.final) for run in runs if run.final]
    pilot = next((run.pilot for run in runs if run.pilot), None)
    columns = [*flown, *([("reference pilot", pilot)] if pilot else [])]
    rows = [
        ["stage", *(str(e.stage) for _, e in columns)],
        ["success", *(_show(e.success_rate, 100, 1, "%") for _, e in columns)],
        ["mean reward", *(_show(e.reward, 1, 0, "") for _, e in columns)],
        ["distance from the pad", *(_show(e.distance_m, 1, 2, " m") for _, e in columns)],
        ["touchdown speed", *(_show(e.touchdown_speed_m_s, 1, 2, " m/s") for _, e in columns)],
        ["landings under 2 m/s", *(_show(e.soft_landings, 100, 1, "%") for _, e in columns)],
        ["touchdown tilt", *(_show(e.touchdown_tilt_deg, 1, 2, "°") for _, e in columns)],
        ["fuel left", *(_show(e.fuel_left, 100, 1, "%") for _, e in columns)],
        ["fuel used, of the pilot's", *(_fuel_ratio(e, pilot) for _, e in columns)],
        ["roughness", *(_show(e.roughness, 1, 3, "") for _, e in columns)],
        ["episode length", *(_show(e.episode_steps, 1, 0, " steps") for _, e in columns)],
    ]
    head = ["", *(name for name, _ in columns)]
    return f"## The pilots\n\n{_table(head, rows)}"


def _fuel_ratio(result: EvaluationResult, pilot: EvaluationResult | None) -> str:
    if pilot is None or pilot.fuel_left is None or result.fuel_left is None:
        return "-"
    return f"{(1 - result.fuel_left.mean) / (1 - pilot.fuel_left.mean):.2f}"


def _first_gates(runs: Sequence[RunResult]) -> str:
    head = ["algorithm", "seed", "landers", "time", "steps", "success", "mean reward"]
    rows = []
    for run in runs:
        start = [run.algorithm.upper(), str(run.seed), str(run.n_envs)]
        gate = next((gate for gate in run.gates if gate.stage == 1), None)
        if gate is None:
            minutes, millions = run.trained_s / 60, run.timesteps / 1e6
            cells = [f"not passed in {minutes:.0f} min", f"{millions:.1f} M", "-", "-"]
        else:
            cells = [
                f"{gate.trained_s / 60:.1f} min",
                f"{gate.timesteps / 1e6:.2f} M",
                f"{gate.success_rate:.0%}",
                f"{gate.reward_mean:.0f}",
            ]
        rows.append([*start, *cells])
    return f"## Stage 1 by algorithm\n\nTo the first gate.\n\n{_table(head, rows)}"


def _kills(killed: Sequence[RunResult], results: Sequence[RunResult]) -> str:
    lines = [
        "## Interrupted",
        "",
        "The same training, SIGKILLed at random moments (trainer or supervisor) and gone on with",
        "each time. A resumed training computes what it would have computed, so gates come at the",
        "same steps with the same figures.",
        "",
    ]
    for run in killed:
        twin = next((r for r in results if not r.kills and _asked(r) == _asked(run)), None)
        lost = max(kill.timesteps - kill.resumed_timesteps for kill in run.kills)
        lines.append(f"- {run.name}: {len(run.kills)} kills, at most {lost:,} steps flown again.")
        if twin is not None:
            same = [
                (a.stage, a.timesteps, a.success_rate, a.reward_mean)
                == (b.stage, b.timesteps, b.success_rate, b.reward_mean)
                for a, b in zip(run.gates, twin.gates, strict=False)
            ]
            lines.append(f"  Of {len(run.gates)} gates {sum(same)} are those of {twin.name}.")
    return "\n".join([*lines, ""])


def _asked(run: RunResult) -> tuple[str, int, str, str]:
    return run.algorithm, run.seed, run.mode, run.settings


def _machines(results: Sequence[RunResult]) -> str:
    lines = ["## Machines", ""]
    for run in results:
        packages = ", ".join(f"{name} {number}" for name, number in run.versions.items())
        cores = "1 core" if run.cores == 1 else f"{run.cores} cores"
        lines.append(f"- {run.name}: {run.cpu}, {cores}; {packages}. {run.note}".rstrip())
    return "\n".join([*lines, ""])


def _show(interval: Interval | None, scale: float, digits: int, unit: str) -> str:
    if interval is None:
        return "no landing"
    text = f"{interval.mean * scale:.{digits}f}{unit}"
    if interval.low is None or interval.high is None:
        return text
    return f"{text} ({interval.low * scale:.{digits}f} to {interval.high * scale:.{digits}f})"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
