"""The panel of the curriculum: passed, current and later stages, progress to the current gate."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from checks.wording import NOT_YET, duration, last_episodes, number, percent, short_number
from daemon.protocol.trainer import Progress
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.format import bar, fit, spinner, spread
from landerctl.tui.widgets.lines import LinesPanel, entitle

LABEL_CELLS = 8
VALUE_CELLS = 16
_DIM = "$foreground-muted"
# The reward bar ends a quarter above the gate's mean reward.
REWARD_BAR_OF_GATE = 1.25


class CurriculumPanel(LinesPanel):
    """Stages and the current gate."""

    def show(self, snapshot: Snapshot) -> None:
        """Show a new snapshot; say which episodes success rate and reward are of."""
        progress, run = snapshot.status.progress, snapshot.status.run
        warm = "warm start · " if run is not None and run.warm_start != "none" else ""
        episodes = last_episodes(progress.window_episodes) if progress else ""
        entitle(self, subtitle=f"{warm}success, reward: {episodes}" if progress else "")
        super().show(snapshot)

    def lines(self, snapshot: Snapshot, width: int, height: int) -> list[Content]:
        """Stages, then the gate, then further lines as far as they fit."""
        return curriculum_lines(snapshot, width, height)


@dataclass(frozen=True)
class _StageRow:
    """A stage's number, its name, and its gate if known."""

    number: int
    name: str
    gate: str


def curriculum_lines(snapshot: Snapshot, width: int, height: int) -> list[Content]:
    """The panel's lines for `width` x `height` cells."""
    progress = snapshot.status.progress
    gate = _gate_lines(snapshot, progress, width)
    stages = _stage_lines(snapshot, progress, width)
    room = max(1, height - len(gate))
    current = progress.stage - 1 if progress else 0
    first = max(0, min(current - room // 2, len(stages) - room))
    lines = stages[first : first + room] + gate
    for extra in _extra_lines(progress, width):
        if len(lines) < height:
            lines.append(extra)
    return lines[:height]


def _stage_rows(snapshot: Snapshot, progress: Progress | None) -> list[_StageRow]:
    if snapshot.stages:
        return [
            _StageRow(
                index,
                stage.name,
                f"gate {percent(stage.gate_success_rate)} · {number(stage.gate_mean_reward)}",
            )
            for index, stage in enumerate(snapshot.stages, start=1)
        ]
    if progress is None:
        return []
    return [
        _StageRow(index, progress.stage_name if index == progress.stage else f"stage {index}", "")
        for index in range(1, progress.stages + 1)
    ]


def _stage_lines(snapshot: Snapshot, progress: Progress | None, width: int) -> list[Content]:
    rows = _stage_rows(snapshot, progress)
    if not rows:
        return [Content.styled("No stages known yet: a run has them", _DIM)]
    passed_at = {
        event.body.get("stage"): event.body.get("timesteps") for event in snapshot.gates_passed
    }
    lines = []
    for row in rows:
        name = f"{row.number} {row.name}"
        room = width - cell_len(name) - 3
        if progress is not None and row.number < progress.stage:
            at = passed_at.get(row.number)
            steps = f" at {short_number(at)} steps" if isinstance(at, int | float) else ""
            if at == 0:  # only a cloned policy passes a gate before it trains
                steps = " by the clone"
            left = Content.assemble(("✓ ", "$text-success"), name)
            right = Content.styled(fit(room, f"passed{steps}", "passed", "✓"), _DIM)
        elif progress is not None and row.number == progress.stage:
            left = Content.assemble(("▶ ", "$text-accent"), (name, "bold"))
            episodes = short_number(progress.episodes)
            steps = short_number(progress.stage_timesteps)
            right = Content(
                fit(
                    room,
                    f"{number(progress.episodes)} episodes · {steps} steps",
                    f"{episodes} ep · {steps} steps",
                    f"{episodes} ep · {steps}",
                    f"{steps} steps",
                    steps,
                )
            )
        else:
            left = Content.styled(f"○ {name}", _DIM)
            right = Content.styled(row.gate if len(row.gate) <= room else "", _DIM)
        lines.append(spread(left, right, width))
    return lines


def _gate_lines(snapshot: Snapshot, progress: Progress | None, width: int) -> list[Content]:
    if progress is None:
        trainer = snapshot.status.trainer
        if snapshot.past is not None and "progress" in snapshot.past.not_recorded:
            return [Content(), Content.styled("Stage and progress: not recorded", _DIM)]
        if trainer is None or trainer.phase is None or not snapshot.situation.live:
            return [
                Content(),
                Content.styled("No rollout reported yet", _DIM),
                Content.styled(fit(width, "Success, reward, time left: after it"), _DIM),
            ]
        waited = duration(snapshot.read_s - trainer.since_s)
        phase = f"{trainer.phase} · {waited}"
        lines = [
            Content(),
            Content.assemble((f"{spinner(snapshot.read_s)} ", "$text-accent"), (phase, "bold")),
        ]
        if trainer.phase_detail:
            lines.append(Content.styled(fit(width, trainer.phase_detail), _DIM))
        return lines
    cells = max(4, width - LABEL_CELLS - VALUE_CELLS)
    success, reward = progress.success_rate, progress.reward_mean
    mark, gate_reward = progress.success_rate_mark, progress.gate_mean_reward
    label = "Success"
    if progress.gate_passed:
        label = "Polish" if progress.mastery_success_rate is None else "Mastery"
    elif progress.on_ramp:
        label = f"Ramp {progress.ramp_step}"
    reward_scale = max(1.0, abs(gate_reward) * REWARD_BAR_OF_GATE)
    total = progress.timesteps / max(1, progress.total_timesteps)
    eta = NOT_YET if progress.eta_s is None else duration(progress.eta_s)
    if not snapshot.training:
        eta = "–"
    return [
        _gate_line(
            label,
            bar(success, cells, _fill(success, mark), mark),
            f"{percent(success)} of {percent(mark)}",
            success is not None and success >= mark,
        ),
        _gate_line(
            "Reward",
            bar(
                None if reward is None else reward / reward_scale,
                cells,
                _fill(reward, gate_reward),
                gate_reward / reward_scale,
            ),
            f"{number(reward)} of {number(gate_reward)}",
            reward is not None and reward >= gate_reward,
        ),
        Content("Run".ljust(LABEL_CELLS))
        + bar(total, cells, "$primary")
        + f"ETA {eta}".rjust(VALUE_CELLS),
    ]


def _gate_ahead(progress: Progress, width: int) -> list[Content]:
    """The distance to the gate: ramp step, attempt, estimated time."""
    parts = []
    if progress.on_ramp:
        parts.append(f"ramp {progress.ramp_step} of {progress.ramp_steps}")
    if progress.attempt > 1:
        parts.append(f"attempt {progress.attempt}")
    if progress.gate_eta_s is not None:
        parts.append(f"in about {duration(progress.gate_eta_s)}")
    if not parts:
        return []
    text = fit(width - 5, " · ".join(parts), parts[-1])
    return [spread(Content("Gate"), Content(text), width)]


def _gate_line(label: str, progress_bar: Content, value: str, met: bool) -> Content:
    mark = Content.styled("✓", "$text-success") if met else Content(" ")
    text = value.rjust(VALUE_CELLS - 1) if len(value) < VALUE_CELLS - 1 else f" {value}"
    return Content(label.ljust(LABEL_CELLS)) + progress_bar + Content(text) + mark


def _fill(value: float | None, gate: float) -> str:
    return "$success" if value is not None and value >= gate else "$primary"


def _extra_lines(progress: Progress | None, width: int) -> list[Content]:
    if progress is None:
        return []
    done, total = number(progress.timesteps), number(progress.total_timesteps)
    return [
        spread(
            Content("Timesteps"),
            Content(fit(width - 10, f"{done} of {total}", short_number(progress.timesteps))),
            width,
        ),
        *_gate_ahead(progress, width),
        spread(Content("Episodes in this stage"), Content(number(progress.episodes)), width),
        spread(Content("Steps in this stage"), Content(number(progress.stage_timesteps)), width),
    ]
