"""The pictures of a report, drawn from the run's store and its newest evaluation."""

from __future__ import annotations

import tempfile
from pathlib import Path

from daemon.base.paths import RunPaths
from daemon.base.text.counted import counted
from daemon.config import Config
from daemon.runs.evaluations import EvaluationResult
from landerctl.plots.report import draw_report
from landerctl.report.document import Picture

_TRAINING = "Success rate and mean reward over the training's environment steps, stage by stage."


def draw(
    store: Path, run: RunPaths, config: Config, evaluation: EvaluationResult | None
) -> tuple[tuple[Picture, ...], tuple[str, ...]]:
    """The pictures, and a line for each that has no data. Slow: matplotlib. Raises OSError."""
    with tempfile.TemporaryDirectory(prefix="landerctl-report-") as name:
        report = draw_report(store, run, config, Path(name), ["png"])
        pictures = tuple(
            Picture(path.read_bytes(), _text(path.stem, evaluation)) for path in report.written
        )
    return pictures, tuple(report.missing)


def _text(name: str, evaluation: EvaluationResult | None) -> str:
    if name == "training" or evaluation is None:
        return _TRAINING
    episodes = counted(evaluation.episodes, "episode")
    landed = f"{evaluation.success_rate.mean:.0%} of {episodes} landed"
    if name == "touchdown":
        return f"Where the craft touched down around the pad: {landed}."
    return f"Paths to the pad and descent rates: {landed}."
