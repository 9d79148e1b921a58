"""The top line (run, state, age of the data) and the banner below it, which marks the past."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content

from checks.wording import date_and_clock, duration
from landerctl.tui.data.situation import Daemon, Level, Situation, trainer_text
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.format import coarse_duration, fit, shorten, shorten_middle, spread
from landerctl.tui.widgets.lines import LinesPanel

_DAEMON_MARKS = {
    Daemon.NEVER_STARTED: ("○", "$foreground-muted"),
    Daemon.STARTING: ("◐", "$text-accent"),
    Daemon.UP: ("●", "$text-success"),
    Daemon.STALE: ("▲", "$text-warning"),
    Daemon.STOPPED: ("■", "$foreground-muted"),
    Daemon.DIED: ("✖", "$text-error"),
    Daemon.UNREADABLE: ("✖", "$text-error"),
}
_RUN_CELLS = 11  # start of the date, and the end, which differs between runs of a day
_FEWEST_RUN_CELLS = 6  # less of an id says nothing
LIVE_S = 10.0  # a running daemon writes more often, so data of this age is as new as any
MOST_LINES = 2
_ROOM_FOR_BOTH = 78  # cells with room for "read-only" and the age of the data
# What must remain beside a run's name where the past is marked.
_BESIDE_NAME_CELLS = len("THE PAST: 2026-01-31 14:03:05 · run  · End returns to now")
_BANNER_MARKS = {Level.NOTE: "■", Level.WARNING: "▲", Level.CRITICAL: "✖"}


class Header(LinesPanel):
    """landerctl, run, daemon, trainer, age of the data: one line."""

    def lines(self, snapshot: Snapshot, width: int, height: int) -> list[Content]:
        """One line; a narrow one drops the program's name, then the run's id."""
        return [header_line(snapshot, width)]


class Banner(LinesPanel):
    """That the past is shown, and the problem of that moment; hidden if there is neither."""

    def show(self, snapshot: Snapshot) -> None:
        """Show a new snapshot: set text and style, or hide."""
        level = snapshot.situation.level
        self.display = level is not Level.NONE or snapshot.at_s is not None
        self.set_class(snapshot.at_s is not None, "-past")
        for other in Level:
            self.set_class(other is level, f"-{other.name.lower()}")
        super().show(snapshot)

    def lines(self, snapshot: Snapshot, width: int, height: int) -> list[Content]:
        """One line, or two if the advice does not fit behind the banner."""
        return [*past_lines(snapshot, width), *banner_lines(snapshot.situation, width)][:MOST_LINES]


def header_line(snapshot: Snapshot, width: int) -> Content:
    """The header for `width` cells."""
    situation, status = snapshot.situation, snapshot.status
    mark, style = _DAEMON_MARKS[situation.daemon]
    daemon = f"daemon {situation.daemon.value}"
    trainer = trainer_text(status.trainer, situation, snapshot.read_s)
    age_s = situation.data_age_s
    age = _age(situation)
    if snapshot.read_only:
        age = f"read-only · {age}" if width >= _ROOM_FOR_BOTH else "read-only"
    run = status.run.id if status.run else "no run yet"
    name = snapshot.run_name
    gap = "   " if width >= 100 else "  "
    room = width - cell_len(gap.join(("landerctl", "", f"{mark} {daemon}", trainer, age)))
    brand = "landerctl" if room >= min(len(name or run), _RUN_CELLS) else ""
    if not brand:
        room += len(f"landerctl{gap}")
    left = Content.assemble(
        (f"{brand}{gap}" if brand else "", "bold $text-primary"),
        (f"{_run_text(name, run, room)}{gap}" if room >= _FEWEST_RUN_CELLS else "", "bold"),
        (f"{mark} ", style),
        daemon,
        gap,
        trainer,
    )
    stale = not situation.live and age_s is not None
    right = Content.styled(age, "bold $text-warning" if stale else "$foreground-muted")
    return spread(left, right, width)


def _run_text(name: str, run: str, room: int) -> str:
    """The run's name and as much of its id as says something."""
    left = room - cell_len(name) - 1
    if name and left >= _RUN_CELLS:
        return f"{name} {shorten_middle(run, left)}"
    return shorten_middle(name or run, room)


def _age(situation: Situation) -> str:
    """How old the data is: an exact age only once that matters, so that it ticks only then."""
    age_s = situation.data_age_s
    if age_s is None:
        return "no data yet"
    return "data live" if situation.live and age_s < LIVE_S else f"data {duration(age_s)} old"


def past_lines(snapshot: Snapshot, width: int) -> list[Content]:
    """One line that marks the past; none now. It names alerts that fire now before all else."""
    past = snapshot.past
    if past is None:
        return []
    moment = date_and_clock(snapshot.read_s)
    room = width - _BESIDE_NAME_CELLS - (len(" · ALERTS NOW") if past.firing_now else 0)
    name = shorten_middle(snapshot.run_name, max(_FEWEST_RUN_CELLS, room))
    when = f"THE PAST: {moment}"
    if past.of_opened_run:
        when = f"RUN {name} AS IT ENDED: {moment}"
    elif past.other_run:
        when = f"THE PAST: {moment} · run {name}"
    age = f"{coarse_duration(past.now_s - snapshot.read_s)} ago"
    missing = f"not recorded: {', '.join(past.not_recorded)}" if past.not_recorded else ""
    back = "End returns to now"
    alarm = f"FIRING NOW: {', '.join(past.firing_now)}" if past.firing_now else ""

    def joined(*parts: str) -> str:
        return " · ".join(part for part in parts if part)

    text = fit(
        width,
        joined(when, age, past.resolution, missing, alarm, back),
        joined(when, age, missing, alarm, back),
        joined(when, age, past.resolution, alarm and "ALERTS FIRE NOW", back),
        joined(when, age, alarm and "ALERTS FIRE NOW", back),
        joined(when, alarm and "ALERTS NOW", back),
        joined(when, back),
    )
    return [Content.styled(text.ljust(width), "bold")]


def banner_lines(situation: Situation, width: int) -> list[Content]:
    """The banner's lines; empty if there is no problem."""
    if situation.level is Level.NONE:
        return []
    fact = f"{_BANNER_MARKS[situation.level]} {situation.banner}"
    if not situation.advice:
        return [Content.styled(shorten(fact, width), "bold")]
    joined = f"{fact} · {situation.advice}"
    if cell_len(joined) <= width:
        return [Content.assemble((fact, "bold"), f" · {situation.advice}")]
    return [
        Content.styled(shorten(fact, width), "bold"),
        Content(shorten(f"  {situation.advice}", width)),
    ]
