"""Draws all figures for which a run has data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from daemon.base.paths import RunPaths
from daemon.base.text.counted import counted
from daemon.config import Config
from daemon.protocol.flight import REFERENCE
from daemon.runs.evaluations import Evaluation, EvaluationResult, list_evaluations
from daemon.runs.intervals import Interval
from daemon.runs.trajectories import Trajectories, TrajectoriesError, read_trajectories
from daemon.store.reader import StoreError, StoreReader
from landerctl.plots.descent import descent_profiles
from landerctl.plots.history import read_history
from landerctl.plots.style import Format, save_figure, styled
from landerctl.plots.touchdown import touchdown_scatter
from landerctl.plots.training import training_curves

EVALUATE = "`landerctl evaluate` creates one"


@dataclass(frozen=True)
class Report:
    """The written files, and one line per figure that could not be drawn."""

    written: list[Path]
    missing: list[str]


class NothingToDrawError(Exception):
    """No data for a figure. The message is one line: what is missing and what creates it."""


def draw_report(
    store: Path, run: RunPaths, config: Config, folder: Path, kinds: Sequence[Format]
) -> Report:
    """Draw all figures with data into the existing `folder`. Raises OSError."""
    report = Report([], [])

    def draw(name: str, figure: Callable[[], Figure]) -> None:
        try:
            drawn = figure()
        except NothingToDrawError as error:
            if str(error) not in report.missing:
                report.missing.append(str(error))
            return
        for kind in kinds:
            save_figure(drawn, folder / f"{name}.{kind}", kind)
            report.written.append(folder / f"{name}.{kind}")

    with styled():
        draw("training", lambda: _training(store, run, config))
        draw("touchdown", lambda: _of_newest(run, "Touchdowns", touchdown_scatter))
        draw("descent", lambda: _of_newest(run, "Descents", descent_profiles))
    return report


def _training(store: Path, run: RunPaths, config: Config) -> Figure:
    try:
        with StoreReader.open(store) as reader:
            history = read_history(reader, run.id, config)
    except StoreError as error:
        raise NothingToDrawError(str(error)) from None
    if history is None:
        raise NothingToDrawError(
            f"{run.id}: the store has no samples of it yet; train it with `landerctl start`"
        )
    vehicle, settings = config.fleet.vehicle, config.run
    fleet = counted(settings.n_envs, "lander")
    subtitle = f"run {run.id} · {settings.algorithm.upper()} · {vehicle} · {fleet}"
    return training_curves(history, "Training", subtitle)


def _of_newest(
    run: RunPaths, title: str, figure: Callable[[Trajectories, str, str], Figure]
) -> Figure:
    evaluation = _newest_evaluation(run)
    try:
        trajectories = read_trajectories(evaluation.trajectories)
        return figure(trajectories, title, _subtitle(evaluation.result))
    except TrajectoriesError as error:
        raise NothingToDrawError(f"{error}; {EVALUATE}") from None
    except ValueError as error:
        raise NothingToDrawError(f"{evaluation.path}: {error}") from None


def _newest_evaluation(run: RunPaths) -> Evaluation:
    listing = list_evaluations(run.evaluations)
    if listing.whole:
        return listing.whole[-1]
    if listing.damaged:
        path, reason = listing.damaged[-1]
        raise NothingToDrawError(f"{path}: cannot be read ({reason}); {EVALUATE}")
    raise NothingToDrawError(f"{run.id}: no evaluation yet; {EVALUATE}")


def _subtitle(result: EvaluationResult) -> str:
    pilot = f"{result.pilot}, mean action" if result.pilot != REFERENCE else "reference pilot"
    return (
        f"{pilot} · stage {result.stage}, {result.stage_name} · {result.vehicle}\n"
        f"{counted(result.episodes, 'episode')}, landed {_percent(result.success_rate)} · "
        f"run {result.run_id}"
    )


def _percent(rate: Interval) -> str:
    text = f"{100 * rate.mean:.3g}%"
    if rate.low is None or rate.high is None:
        return text
    return f"{text} ({100 * rate.low:.0f} to {100 * rate.high:.0f}%)"
