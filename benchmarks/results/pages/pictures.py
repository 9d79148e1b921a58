"""The pictures of docs/results.md, from the records alone."""

from __future__ import annotations

from pathlib import Path

from benchmarks.results.record import FOLDER
from benchmarks.results.records import load_results, load_vehicle
from env.physics.vehicles import VEHICLES

TRAINING, TOUCHDOWNS, DESCENTS = "training", "touchdowns", "descents"
_TEXTS = {
    TRAINING: "Training curves of all seeds",
    TOUCHDOWNS: "Where the best models came to rest",
    DESCENTS: "Descents of a best model, the reference pilot and the optimum",
}


def picture(kind: str, vehicle: str) -> str:
    """The line of the page that shows a picture."""
    return f"![{_TEXTS[kind]}]({FOLDER.name}/{kind}-{vehicle}.png)"


def save_pictures() -> list[Path]:
    """Draw every picture whose records exist; returns the files."""
    from benchmarks.results.pages import drawing  # noqa: PLC0415 - the page's text needs no matplotlib

    results, saved = load_results(), []
    for vehicle in VEHICLES:
        records = load_vehicle(vehicle, results)
        for kind, draw in (
            (TRAINING, drawing.training),
            (TOUCHDOWNS, drawing.touchdowns),
            (DESCENTS, drawing.descents),
        ):
            path = FOLDER / f"{kind}-{vehicle}.png"
            if draw(records, path):
                saved.append(path)
    return saved
