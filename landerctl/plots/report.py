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
from daemon.runs.statistics.intervals import Interval
from daemon.runs.trajectories import Trajectories, TrajectoriesError, read_trajectories
from daemon.store.reader import StoreError, StoreReader
from landerctl.plots.descent import descent_profiles
from landerctl.plots.history import read_history
from landerctl.plots.style import Format, save_figure, styled
from landerctl.plots.touchdown import touchdown_scatter
from landerctl.plots.training import training_curves


@dataclass(frozen=True)
class Report:
    """The written files, and one line per figure that could not be drawn."""

    written: list[Path]
    missing: list[str]


class NothingToDrawError(Exception):
    """No data for a figure. The message is one line: what is missing and what creates it."""


def draw_report(
    store: Path,
    run: RunPaths,
    config: Config,
    folder: Path,
    kinds: Sequence[Format],
    *,
    state: str | None = None,
) -> Report:
    """Draw all figures with data into the existing `folder`. Raises OSError.

    `state`: the id of a checkpoint, or REFERENCE, whose newest evaluation is drawn (None: the
    run's newest).
    """
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
        draw("touchdown", lambda: _of_newest(run, state, "Touchdowns", touchdown_scatter))
        draw("descent", lambda: _of_newest(run, state, "Descents", descent_profiles))
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
    run: RunPaths,
    state: str | None,
    title: str,
    figure: Callable[[Trajectories, str, str], Figure],
) -> Figure:
    evaluation = _newest_evaluation(run, state)
    try:
        trajectories = read_trajectories(evaluation.trajectories)
        return figure(trajectories, title, _subtitle(evaluation.result))
    except TrajectoriesError as error:
        raise NothingToDrawError(f"{error}; {_evaluate(run, state)}") from None
    except ValueError as error:
        raise NothingToDrawError(f"{evaluation.path}: {error}") from None


def _newest_evaluation(run: RunPaths, state: str | None) -> Evaluation:
    listing = list_evaluations(run.evaluations)
    found = [one for one in listing.whole if state is None or _is_of(one.result, state)]
    if found:
        return found[-1]
    if listing.damaged and state is None:
        path, reason = listing.damaged[-1]
        raise NothingToDrawError(f"{path}: cannot be read ({reason}); {_evaluate(run, state)}")
    what = f"{run.id}/{state}" if state else run.id
    raise NothingToDrawError(f"{what}: no evaluation yet; {_evaluate(run, state)}")


def _is_of(result: EvaluationResult, state: str) -> bool:
    """Whether a state was evaluated: by its id, or in training as it was saved, by its steps."""
    if state == REFERENCE:
        return result.pilot == REFERENCE
    _, timesteps, _ = state.split("-")
    return result.pilot in (state, f"{timesteps}-steps")


def _evaluate(run: RunPaths, state: str | None) -> str:
    return f"`landerctl evaluate {run.id}{f'/{state}' if state else ''}` creates one"


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
