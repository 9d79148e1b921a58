"""Training curves: success rate and mean reward over environment steps, stage by stage."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from daemon.base.text.counted import counted
from landerctl.plots.history import Curve, History
from landerctl.plots.style import (
    BAND,
    BLUE,
    GREEN,
    INK,
    PALE,
    QUIET,
    VERMILION,
    legend,
    new_figure,
    panel,
)

NAMED_SHARE = 0.13  # a stage with a narrower band shows only its number
NUMBERED_SHARE = 0.015  # a stage with a narrower band shows nothing


def training_curves(history: History, title: str, subtitle: str) -> Figure:
    """Both curves, each stage's gate levels, and when the gates were passed."""
    figure = new_figure(9.6, 6.8, title, subtitle)
    success, reward = figure.subplots(2, 1, sharex=True)
    end = history.stages[-1].last
    starts = np.array([span.first for span in history.stages])
    _draw(success, history.rollout_success, history.window_success, starts, 100.0)
    _draw(reward, history.rollout_reward, history.window_reward, starts, 1.0)
    _mark_attempts(success, history.mean_action_success, 100.0)
    _mark_attempts(reward, history.mean_action_reward, 1.0)
    _mark_stages(success, reward, history)
    bold = f"of the last {counted(history.window_episodes, 'episode')}"
    panel(success, f"Success rate; bold: {bold}", "", "episodes that landed (%)")
    steps = "environment steps (millions)"
    panel(reward, f"Mean reward; bold: {bold}", steps, "reward per episode")
    success.set_ylim(-3.0, 115.0)
    success.set_yticks(range(0, 101, 20))
    success.set_xlim(0.0, end / 1e6)
    _add_training_time(success, history.trained_s, end)
    legend(figure, *success.get_legend_handles_labels())
    return figure


def _begun(curve: Curve, starts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """For each point the last of `starts` before it, or -1; a point at a start belongs to the stage
    before.
    """
    before = np.concatenate([[-1.0], starts])
    return before[np.searchsorted(starts, curve.timesteps, side="left")]


def _broken(curve: Curve, starts: npt.NDArray[np.float64]) -> Curve:
    """The curve with a gap (NaN) at each start of a stage."""
    places = np.flatnonzero(np.diff(_begun(curve, starts))) + 1
    return Curve(
        np.insert(curve.timesteps, places, np.nan), np.insert(curve.values, places, np.nan)
    )


def _draw(
    axes: Axes, rollouts: Curve, window: Curve, starts: npt.NDArray[np.float64], scale: float
) -> None:
    for curve, label, colour, width in (
        (rollouts, "a rollout", PALE, 0.8),
        (window, "the last episodes", BLUE, 1.8),
    ):
        gaps = _broken(curve, starts)
        axes.plot(gaps.timesteps / 1e6, gaps.values * scale, colour, linewidth=width, label=label)


def _mark_attempts(axes: Axes, attempts: Curve, scale: float) -> None:
    """Mark the result of the mean action at each gate attempt."""
    if not len(attempts.values):
        return
    axes.plot(
        attempts.timesteps / 1e6,
        attempts.values * scale,
        linestyle="none",
        marker="D",
        markersize=5.5,
        markerfacecolor="white",
        markeredgecolor=INK,
        markeredgewidth=1.2,
        label="mean action, at a gate",
        zorder=5,
    )


def _mark_stages(success: Axes, reward: Axes, history: History) -> None:
    """Draw the stages' bands and names, their gate levels, and where gates were passed."""
    end = history.stages[-1].last
    for k, span in enumerate(history.stages):
        first, last = span.first / 1e6, span.last / 1e6
        share = (span.last - span.first) / end
        if share >= NUMBERED_SHARE:
            name = f"{span.number} {span.name}" if share >= NAMED_SHARE else f"{span.number}"
            ground = {"facecolor": BAND if k % 2 else "white", "edgecolor": "none", "pad": 1.5}
            place = (first + last) / 2
            success.text(place, 108, name, ha="center", va="center", color=QUIET, bbox=ground)
        for axes, gate in (
            (success, None if span.gate_success_rate is None else 100 * span.gate_success_rate),
            (reward, span.gate_mean_reward),
        ):
            if k % 2:
                axes.axvspan(first, last, color=BAND, zorder=0, linewidth=0)
            if gate is not None:
                axes.hlines(gate, first, last, VERMILION, (0, (5, 2)), linewidth=1.4, label="gate")
            if span.passed is not None:
                at = span.passed / 1e6
                axes.axvline(at, color=GREEN, linestyle=":", linewidth=1.4, label="gate passed")


def _add_training_time(axes: Axes, trained_s: Curve, end: float) -> None:
    """Add the training time as a second axis above."""
    if not len(trained_s.values):
        return
    unit_s, unit = (3600.0, "h") if trained_s.values[-1] > 3 * 3600.0 else (60.0, "min")
    total = float(np.interp(end, trained_s.timesteps, trained_s.values)) / unit_s
    ticks = [t for t in MaxNLocator(8, steps=[1, 2, 5, 10]).tick_values(0.0, total) if t <= total]
    steps = np.concatenate([[0.0], trained_s.timesteps])
    times = np.concatenate([[0.0], trained_s.values]) / unit_s
    above = axes.twiny()
    above.set_xlim(axes.get_xlim())
    above.set_xticks(np.interp(ticks, times, steps) / 1e6, [f"{tick:g}" for tick in ticks])
    above.set_xlabel(f"training time ({unit})")
    above.spines["top"].set_visible(True)
    above.grid(False)
