"""The panel of the checklist, for screens with room: counts by state, the burn-in."""

from __future__ import annotations

from textual.binding import Binding
from textual.content import Content

from checks.wording import duration
from daemon.store.records import ChecklistStatus
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.format import bar, spread
from landerctl.tui.widgets.lines import LinesPanel

OPEN_PAGE = "app.show_page('checklist')"
_LABEL_CELLS, _VALUE_CELLS = 9, 16
_STEP_S = 60.0  # the age of the judgement is shown in steps
_DIM = "$foreground-muted"


class ChecklistPanel(LinesPanel, can_focus=True):
    """What the daemon judged last. Enter or a click opens the checklist."""

    BINDINGS = [Binding("enter", OPEN_PAGE, show=False)]  # noqa: RUF012  Textual's way

    async def on_click(self) -> None:
        """Open the checklist."""
        await self.run_action(OPEN_PAGE)

    def lines(self, snapshot: Snapshot, width: int, height: int) -> list[Content]:
        """A bar of the lines that hold, the other counts, a bar of the burn-in."""
        judged = snapshot.status.checklist
        if judged is None:
            return [Content.styled("Not judged yet; 6 judges it now", _DIM)]
        return checklist_lines(judged, snapshot.read_s, width)[:height]


def checklist_lines(judged: ChecklistStatus, now_s: float, width: int) -> list[Content]:
    """The panel's lines."""
    if judged.problem:
        return [Content.styled(f"✖ evidence refused: {judged.problem}", "$text-error")]
    total = sum(judged.counts.values())
    others = [(judged.fails, "✖", "fail"), (judged.open, "○", "open"), (judged.stale, "◌", "stale")]
    counts = "  ".join(f"{mark} {count} {word}" for count, mark, word in others if count)
    ago_s = max(0.0, now_s - judged.time_s) // _STEP_S * _STEP_S
    ago = f"judged {duration(ago_s)} ago" if ago_s else "judged just now"
    text = counts or "✓ nothing open"
    fits = len(text) + 1 + len(ago) <= width
    lines = [
        _bar("Holds", judged.holds / max(1, total), f"{judged.holds} of {total}", width),
        spread(Content(text), Content.styled(ago if fits else "", _DIM), width),
    ]
    hours, needed_h = judged.burn_in_h, judged.burn_in_needed_h
    if hours is not None and needed_h:
        text = f"{hours:.3g} of {needed_h:.3g} h"
        lines.insert(1, _bar("Burn-in", hours / needed_h, text, width))
    return lines


def _bar(label: str, share: float, value: str, width: int) -> Content:
    cells = max(4, width - _LABEL_CELLS - _VALUE_CELLS)
    drawn = bar(share, cells, "$success" if share >= 1.0 else "$primary")
    return Content(label.ljust(_LABEL_CELLS)) + drawn + Content(value.rjust(_VALUE_CELLS))
