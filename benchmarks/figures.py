"""`python -m benchmarks.figures`: write the recorded figures into the documents that show them."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import record
from benchmarks.blocks import replace_block, table
from benchmarks.curves import curves_text
from benchmarks.optimum.page import published_text, ratios_text
from benchmarks.record import Figure, ModuleRecord
from benchmarks.results.ablations.page import ablations_text
from benchmarks.results.ablations.record import load_all as load_ablations
from benchmarks.results.pages.gates import gate_of
from benchmarks.results.pages.page import PAGE as RESULTS_PAGE
from benchmarks.results.pages.page import equal_gates, gate_figures, render, twin_of
from benchmarks.results.pages.policies import used_of_pilot
from benchmarks.results.plan import HLS
from benchmarks.results.record import RunResult
from benchmarks.results.records import load_results
from benchmarks.sweeps.page import growth
from checks.checklist.performance.curves import PATH as CURVES
from daemon.runs.statistics.intervals import Interval
from env.physics.vehicles import VEHICLES

ROOT = Path(__file__).parents[1]
README, PILOT, SCALE = (ROOT / name for name in ("README.md", "docs/pilot.md", "docs/scale.md"))
OPTIMUM, LEARNING = ROOT / "docs/fuel-optimum.md", ROOT / "docs/learning.md"
HEAD = ("What", "Figure", "Compared with")
# Shown in docs/fuel-optimum.md, docs/pilot.md, by `landerctl estimate`, in docs/scale.md.
ELSEWHERE = ("optimum", "pilot", "scaling", "sweep_scale")

# Ends of the names of references that only bound a figure: a ratio to one says nothing.
BOUNDS = ("limit", "upper figure")


def pages() -> dict[Path, str]:
    """The text of every document with figures, from the records."""
    results, benchmarks = load_results(), record.read_records()
    return {
        README: replace_block(
            README.read_text(encoding="utf-8"), "figures", readme(results, benchmarks)
        ),
        PILOT: replace_block(
            PILOT.read_text(encoding="utf-8"), "flights", flights(benchmarks.get("pilot"))
        ),
        SCALE: replace_block(
            SCALE.read_text(encoding="utf-8"), "growth", growth(benchmarks.get("sweep_scale"))
        ),
        OPTIMUM: optimum(benchmarks.get("optimum")),
        LEARNING: replace_block(
            LEARNING.read_text(encoding="utf-8"), "ablations", ablations_text(load_ablations())
        ),
        RESULTS_PAGE: render(results),
        CURVES: curves_text(results, benchmarks),
    }


def write_pages() -> None:
    """Write them."""
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


def optimum(found: ModuleRecord | None) -> str:
    """The page of the fuel optimum, with its record's tables."""
    page = replace_block(OPTIMUM.read_text(encoding="utf-8"), "published", published_text(found))
    return replace_block(page, "ratios", ratios_text(found))


def readme(results: Sequence[RunResult], benchmarks: Mapping[str, ModuleRecord]) -> str:
    """The trainings' figures, then those of benchmarks."""
    default = [run for run in results if run.default and run.vehicle == HLS]
    ppo = [run for run in default if run.algorithm == "ppo"]
    others = [run for run in default if run.algorithm != "ppo"]
    rows = [_gates(ppo), *_policies(ppo), *(_last_gate(run, ppo[0]) for run in others)]
    rows += [_killed(run, results) for run in results if run.kills]
    text = f"Trainings ({_machine(ppo[0])}):\n\n{table(HEAD, rows)}"
    for module, found in benchmarks.items():
        if module not in ELSEWHERE:
            text += f"\n`benchmarks.{module}` ({_machine(found)}):\n\n"
            text += table(HEAD, [_row(figure) for figure in found.figures])
    return text


def _gates(ppo: Sequence[RunResult]) -> tuple[str, str, str]:
    stages = sorted({gate.stage for run in ppo for gate in run.gates})
    passed = {stage: [gate for run in ppo if (gate := gate_of(run, stage))] for stage in stages}
    whole = [stage for stage in stages if len(passed[stage]) == len(ppo)]
    minutes = ", ".join(
        f"{statistics.median(gate.trained_s for gate in passed[stage]) / 60:.1f}" for stage in whole
    )
    what = f"PPO from its first step to gates {whole[0]} to {whole[-1]}, {len(ppo)} seeds' median"
    return what, f"{minutes} min", ""


def _policies(ppo: Sequence[RunResult]) -> list[tuple[str, str, str]]:
    finals = [run.final for run in ppo if run.final is not None]
    pilot = next((run.pilot for run in ppo if run.pilot is not None), None)
    if pilot is None:
        return []
    flown = [*finals, pilot]
    seeds = f"{len(finals)} trained policies on {pilot.episodes} fresh seeds of stage {pilot.stage}"
    figures = (
        (f"{seeds}: landed", [one.success_rate for one in flown], 100.0, "%"),
        ("... distance from the pad", [one.distance_m for one in flown], 1.0, " m"),
        ("... landings under 2 m/s", [one.soft_landings for one in flown], 100.0, "%"),
        ("... propellant left", [one.fuel_left for one in flown], 100.0, "%"),
    )
    rows = []
    for what, intervals, scale, unit in figures:
        *ours, reference = (_mean(interval, scale) for interval in intervals)
        rows.append((what, f"{', '.join(ours)}{unit}", f"the reference pilot: {reference}{unit}"))
    ratios = [used_of_pilot(one, pilot) for one in finals]
    used = ", ".join("-" if ratio is None else f"{ratio:.2f}" for ratio in ratios)
    return [*rows, ("... propellant used", f"{used} of the pilot's", "")]


def _mean(interval: Interval | None, scale: float) -> str:
    return "-" if interval is None else f"{interval.mean * scale:.1f}"


def _last_gate(run: RunResult, ppo: RunResult) -> tuple[str, str, str]:
    stage = run.gates[-1].stage
    (minutes, steps, *_), (ppo_minutes, ppo_steps, *_) = (
        gate_figures(one, stage) for one in (run, ppo)
    )
    compared = f"PPO: {ppo_minutes}, {ppo_steps} steps"
    return (
        f"gate {stage} by {run.algorithm.upper()}, seed {run.seed}",
        f"{minutes}, {steps} steps",
        compared,
    )


def _killed(run: RunResult, results: Sequence[RunResult]) -> tuple[str, str, str]:
    twin = twin_of(run, results)
    repeated = max(kill.timesteps - kill.resumed_timesteps for kill in run.kills)
    same = "" if twin is None else f"{equal_gates(run, twin)} of {len(run.gates)} gates are equal"
    if twin and twin.final and run.final and twin.final.reward == run.final.reward:
        same += f", and the rewards of {run.final.episodes} flights by its best model"
    return (
        f"the training of seed {run.seed} again, killed {len(run.kills)} times at random moments",
        same,
        f"at most {repeated:,} steps repeated",
    )


def _row(figure: Figure) -> tuple[str, str, str]:
    what, _, reference = figure.name.partition(", reference ")
    compared = ""
    if figure.reference is not None:
        compared = f"{reference}: {_short(figure.reference)} {figure.unit}"
        if not reference.endswith(BOUNDS) and figure.ratio is not None:
            compared += f", ratio {figure.ratio:.2f}"
    return what, f"{_short(figure.value)} {figure.unit}".rstrip(), compared


def _short(value: float) -> str:
    """Three digits, or the whole number."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _machine(found: RunResult | ModuleRecord) -> str:
    packages = ", ".join(f"{name} {number}" for name, number in found.versions.items())
    core = f"{found.cores} core{'' if found.cores == 1 else 's'}"
    return f"{found.cpu}, {core}; {packages}" + (
        f"; {found.note.rstrip('.')}" if found.note else ""
    )


def flights(found: ModuleRecord | None) -> str:
    """The reference pilot's tables, one for each vehicle."""
    if found is None:
        return (
            "In stage 5 beside trained policies: [results.md](results.md). `make bench` flies\n"
            "every stage and writes its figures here.\n"
        )
    figures = {figure.name: figure for figure in found.figures}
    head = ["Stage", "Flights", "Landed", "Miss, m", "Touchdown, m/s", "Tilt, °"]
    head += ["Propellant left", "Steps", "Delta-v, m/s", "Least possible", "Ratio"]
    parts = []
    for vehicle in VEHICLES:
        stages = [n for n in range(1, 100) if f"{vehicle}, stage {n}: flights" in figures]
        if stages:
            rows = [_flights_row(figures, f"{vehicle}, stage {n}: ", n) for n in stages]
            parts.append(f"`{vehicle}`:\n\n{table(head, rows)}")
    return "\n".join(parts)


def _flights_row(figures: Mapping[str, Figure], prefix: str, stage: int) -> list[str]:
    def both(what: str) -> str:
        median, high = (figures[f"{prefix}{what}, {of}"].value for of in ("median", "95%"))
        return f"{median:.3g} / {high:.3g}"

    delta_v = figures[f"{prefix}delta-v, median, reference the least possible"]
    low, high = (figures[f"{prefix}landed, 95% interval, {end}"].value for end in ("low", "high"))
    return [
        str(stage),
        f"{figures[f'{prefix}flights'].value:g}",
        f"{figures[f'{prefix}landed'].value:.4g}% ({low:.4g} to {high:.4g})",
        *(both(what) for what in ("miss", "touchdown speed", "touchdown tilt")),
        f"{figures[f'{prefix}propellant left, median'].value:.0f}%",
        f"{figures[f'{prefix}steps, median'].value:.0f} / "
        f"{figures[f'{prefix}steps, 95%'].value:.0f}",
        f"{delta_v.value:.0f}",
        f"{delta_v.reference:.0f}",
        f"{delta_v.ratio:.2f}",
    ]


if __name__ == "__main__":
    write_pages()
