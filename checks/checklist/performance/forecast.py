"""Estimates kept in the ledger, and what became of them. Pure."""

from __future__ import annotations

import re

import msgspec

from checks.checklist.ledger.ledger import Ledger
from checks.checklist.ledger.record import Address, Entry
from checks.checklist.performance.completion import Estimate, Span
from checks.checklist.performance.facts import RunPerformance
from daemon.protocol.finding import Figure

SUBJECT = "completion"
INTERVAL_S = 86_400.0
HOUR_S = 3600.0
_PARTS = ("low", "expected", "high")
_GATE = re.compile(r"gate_(\d+)_expected_h")


class Forecast(msgspec.Struct, frozen=True):
    """The first estimate of a gate, and when it came. Hours of training since the run began."""

    gate: int
    made_h: float
    low_h: float
    expected_h: float
    high_h: float
    took_h: float | None  # None: not passed yet

    @property
    def error(self) -> float | None:
        """How much later it came than expected, of the time from the estimate on."""
        if self.took_h is None or self.expected_h <= self.made_h:
            return None
        return (self.took_h - self.expected_h) / (self.expected_h - self.made_h)


def forecasts(run: RunPerformance, ledger: Ledger, run_id: str) -> list[Forecast]:
    """By gate: the first estimate that was kept for this run."""
    passed_h = {gate.stage: gate.trained_s / HOUR_S for gate in run.gates}
    found: dict[int, Forecast] = {}
    for record in ledger.backwards("estimate", SUBJECT):
        if record.entry.address.run != run_id:
            continue
        figures = record.entry.figures
        for name in figures:
            if match := _GATE.fullmatch(name):
                gate = int(match[1])
                low_h, expected_h, high_h = (
                    _number(figures, f"gate_{gate}_{part}_h") for part in _PARTS
                )
                made_h = _number(figures, "trained_h")
                found[gate] = Forecast(gate, made_h, low_h, expected_h, high_h, passed_h.get(gate))
    return [found[gate] for gate in sorted(found)]


def forecast_entry(
    found: Estimate | None, ledger: Ledger, address: Address, now_s: float
) -> Entry | None:
    """The record to keep: one a day for each run, and none once all gates are passed."""
    if found is None or not found.gates:
        return None
    for record in ledger.backwards("estimate", SUBJECT):
        if record.entry.address.run == address.run:
            if 0 <= now_s - record.entry.time_s < INTERVAL_S:
                return None
            break
    figures: dict[str, Figure] = {
        "trained_h": round(found.trained_s / HOUR_S, 4),
        "n_envs": found.n_envs,
        "pace": round(found.pace, 4),
    }
    spans: list[tuple[str, Span]] = [(f"gate_{one.gate}", one.trained_s) for one in found.gates]
    for name, span in (*spans, ("end", found.end_s)):
        for part in _PARTS:
            figures[f"{name}_{part}_h"] = round(getattr(span, part) / HOUR_S, 4)
    return Entry(
        kind="estimate",
        subject=SUBJECT,
        time_s=now_s,
        address=address,
        text=f"gates {found.gates[0].gate} to {found.gates[-1].gate}, after "
        f"{found.trained_s / HOUR_S:.2f} h of training",
        figures=figures,
    )


def _number(figures: dict[str, Figure], name: str) -> float:
    value = figures.get(name)
    return float(value) if isinstance(value, int | float) else 0.0
