"""The tables of docs/learning.md, from the records of ablations."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks.blocks import table
from benchmarks.results.ablations.record import Ablation, Trained
from benchmarks.results.pages.gates import reached
from benchmarks.results.pages.policies import show
from daemon.runs.statistics.unpaired import rates_interval

HEAD = ("What was tried", "Seeds", "Steps to the last gate", "Success", "Verdict")


def ablations_text(ablations: Sequence[Ablation]) -> str:
    """One table of all, then each with its trainings."""
    if not ablations:
        return "`python -m benchmarks.results.ablations` records trainings here.\n"
    rows = [
        (
            f"[{one.title}](#{_anchor(one.title)})",
            str(len(one.pairs())),
            _steps(one),
            _success(one),
            one.verdict,
        )
        for one in ablations
    ]
    return "\n".join([table(HEAD, rows), *(_section(one) for one in ablations)])


def _section(one: Ablation) -> str:
    lines = [f"### {one.title}", ""]
    lines.append(f"- Source: {one.source or 'an idea of our own'}")
    lines += [f"- Setting: `{change}`" for change in one.changes]
    if one.commit:
        lines.append(f"- Code: commit {one.commit}")
    lines.append(f"- Verdict: {one.verdict}. {one.finding}".rstrip())
    stages = sorted(
        {gate.stage for side in (one.base, one.tried) for t in side for gate in t.gates}
    )
    head = ["training", *(f"gate {stage}" for stage in stages), "success", "distance from the pad"]
    head += ["touchdown speed", "fuel left"]
    rows = [
        _row(f"{side}, seed {trained.seed}", trained, stages)
        for base, tried in _by_seed(one)
        for side, trained in (("without", base), ("with", tried))
        if trained is not None
    ]
    return "\n".join([*lines, "", table(head, rows)])


def _by_seed(one: Ablation) -> list[tuple[Trained | None, Trained | None]]:
    base = {trained.seed: trained for trained in one.base}
    tried = {trained.seed: trained for trained in one.tried}
    return [(base.get(seed), tried.get(seed)) for seed in sorted(base.keys() | tried.keys())]


def _row(title: str, trained: Trained, stages: Sequence[int]) -> list[str]:
    missed = f"not by {trained.timesteps / 1e6:.1f} M steps"
    cells = []
    for stage in stages:
        gate = next((gate for gate in trained.gates if gate.stage == stage), None)
        cells.append(missed if gate is None else reached(gate.timesteps, gate.trained_s))
    final = trained.final
    if final is None:
        return [title, *cells, "-" if trained.complete else "not trained to its end", "-", "-", "-"]
    return [
        title,
        *cells,
        show(final.success_rate, 100, 1, "%"),
        show(final.distance_m, 1, 2, " m"),
        show(final.touchdown_speed_m_s, 1, 2, " m/s"),
        show(final.fuel_left, 100, 1, "%"),
    ]


def _steps(one: Ablation) -> str:
    """The ratio with to without, the pairs' median, at the highest gate that every one passed."""
    pairs = one.pairs()
    passed = [{gate.stage for gate in trained.gates} for pair in pairs for trained in pair]
    common = set.intersection(*passed) if passed else set()
    if not common:
        return "-"
    stage = max(common)
    steps = [
        [gate.timesteps for trained in pair for gate in trained.gates if gate.stage == stage]
        for pair in pairs
    ]
    if not any(tried for _, tried in steps):  # a warm start, whose own steps do not count as such
        return f"gate {stage} before the training"
    ratios = [tried / base for base, tried in steps if base]
    return f"{statistics.median(ratios):.2f} of those without (gate {stage})" if ratios else "-"


def _success(one: Ablation) -> str:
    """With minus without, of all flights of the seeds that are trained to the end on both sides."""
    finals = [
        (base.final, tried.final)
        for base, tried in one.pairs()
        if base.final is not None and tried.final is not None
    ]
    if not finals:
        return "-"
    counts = [
        (sum(final.outcomes.get("landed", 0) for final in side), sum(f.episodes for f in side))
        for side in zip(*finals, strict=True)
    ]
    (without, of_without), (with_it, of_with) = counts
    change = rates_interval(with_it, of_with, without, of_without)
    return show(change, 100, 1, " points")


def _anchor(title: str) -> str:
    """As GitHub makes a heading's."""
    kept = "".join(one for one in title.lower() if one.isalnum() or one in " -_")
    return kept.replace(" ", "-")
