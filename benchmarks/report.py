"""The line that every benchmark prints per figure."""

from __future__ import annotations

import json


def report(name: str, value: float, unit: str, reference: float | None = None) -> None:
    """Print a figure, its reference from the same run (same unit), and their ratio."""
    line = {
        "name": name,
        "value": float(f"{value:.4g}"),
        "unit": unit,
        "reference": None if reference is None else float(f"{reference:.4g}"),
        "ratio": None if not reference else float(f"{value / reference:.4g}"),
    }
    print(json.dumps(line), flush=True)
