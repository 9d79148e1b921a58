"""The sections of the checklist's page: the decision, what to do, the burn-in, phases. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from textual.content import Content

from checks.checklist.counts import counts_text
from checks.checklist.facts import State
from checks.checklist.golive.next_steps import Step
from checks.checklist.golive.verdict import Criterion
from checks.checklist.ledger.record import Record
from checks.checklist.model import Phase
from checks.checklist.reviews.text import render as review_text
from checks.checklist.reviews.text import title as review_title
from checks.checklist.table.all import PHASES
from checks.wording import duration
from daemon.base.text.counted import counted
from daemon.base.text.one_line import one_line
from landerctl.fast_path.checklist.report import LineReport
from landerctl.fast_path.checklist.text import GOOD, WORDS, plain, whole
from landerctl.operations.decision.burn_in import BurnInLine, BurnInOutput
from landerctl.operations.decision.burn_in import render as burn_in_text
from landerctl.presentation.verdict_wording import headline
from landerctl.tui.screens.browse.section import Row, Section
from landerctl.tui.screens.checklist.judging import Judged

MARKS: dict[State, tuple[str, str]] = {
    "holds": ("✓", "$text-success"),
    "fails": ("✖", "bold $text-error"),
    "open": ("○", "$text-warning"),
    "stale": ("◌", "$text-warning"),
    "does not apply": ("–", "$foreground-muted"),
}
_DIM = "$foreground-muted"
_WORST: tuple[State, ...] = ("fails", "open", "stale", "does not apply", "holds")
_NAME_CELLS = 23


def summary(judged: Judged, now_s: float) -> Content:
    """Two lines: the verdict with what it lacks, and the counts with their age."""
    report, verdict = judged.report, judged.verdict
    problem = report.problem or report.config_problem
    if problem:
        first = Content.assemble(("✖ cannot judge: ", "bold $text-error"), one_line(problem))
    else:
        mark, style = MARKS["holds" if verdict.go else "fails"]
        first = Content.assemble((f"{mark} {verdict.word}", style), headline(verdict))
    ago = age(now_s - report.time_s)
    return Content("\n").join(
        [first, Content.styled(f"{counts_text(report.counts)} · judged {ago}", _DIM)]
    )


def age(seconds: float) -> str:
    """In steps of ten seconds below a minute, so that it changes seldom."""
    whole_s = max(0, int(seconds))
    if whole_s < 10:
        return "just now"
    return f"{duration(whole_s // 10 * 10 if whole_s < 60 else whole_s)} ago"


def sections(judged: Judged, *, worst_first: bool) -> list[Section]:
    """All sections. `worst_first`: the phases and lines that fail or are open before the others."""
    lines = {line.id: line for line in judged.report.lines}
    phases = [_phase(phase, judged, lines, worst_first=worst_first) for phase in PHASES]
    if worst_first:
        order = {
            phase.id: min(_WORST.index(lines[line.id].state) for line in phase.lines)
            for phase in PHASES
        }
        phases.sort(key=lambda section: order[section.id])
    found = [_decision(judged), _steps(judged, lines)]
    if judged.burn_in is not None:
        found.append(_burn_in(judged.burn_in, lines, judged.report.time_s))
    return [*found, *phases, _reviews(judged.reviews)]


def _decision(judged: Judged) -> Section:
    verdict = judged.verdict
    groups = (
        ("Go-live criteria", verdict.criteria),
        ("Success criteria", verdict.quality),
        ("Signatures", verdict.signatures),
    )
    every = [one for _, group in groups for one in group]
    head: list[Content] = [Content.styled(f"{verdict.word}{headline(verdict)}", "bold")]
    for heading, group in groups:
        holding = sum(one.state == "holds" for one in group)
        head += [Content(), Content(f"{heading}: {holding} of {len(group)} hold")]
        head += [_short(one.state, one.text) for one in group]
    if verdict.incidents:
        head += [Content(), Content(counted(len(verdict.incidents), "open incident"))]
        head += [_short("fails", f"{one.id} {one.title}") for one in verdict.incidents]
    holding = sum(one.state == "holds" for one in every)
    return Section(
        "verdict",
        _heading("Decision", f"{verdict.word} · {holding} of {len(every)} criteria hold"),
        _fixed(head),
        tuple(
            Row(
                f"verdict:{one.id}",
                _labelled(one.state, one.id.partition(".")[2], one.text),
                _criterion(one),
                one.id,
            )
            for one in every
        ),
        "landerctl golive",
    )


def _criterion(one: Criterion) -> Callable[[int], list[Content]]:
    lines = [
        Content.styled(one.text, "bold"),
        _short(one.state, f"{WORDS[one.state]}: {one_line(one.found)}"),
        Content(),
        Content("Decided by:"),
    ]
    for proof in one.lines:
        lines.append(_short(proof.state, f"{proof.id}: {one_line(proof.found)}"))
        if proof.state not in GOOD:
            lines.append(Content.styled(f"    {proof.remedy}", _DIM))
    return _fixed([*lines, Content(), Content.styled("more: landerctl golive --dry-run", _DIM)])


def _steps(judged: Judged, lines: dict[str, LineReport]) -> Section:
    verdict = judged.verdict
    needed = f", at least {duration(verdict.needed_s)}" if verdict.needed_s else ""
    note = f"{counted(len(verdict.steps), 'step')}{needed}" if verdict.steps else "nothing"
    rows = tuple(
        Row(
            f"step:{step.do}",
            Content(f"{number:2}. {_step_text(step)}"),
            _step(step, lines),
            step.do,
        )
        for number, step in enumerate(verdict.steps, 1)
    )
    head = [Content.styled(f"What to do next: {note}", "bold"), *(row.text for row in rows)]
    return Section("steps", _heading("What to do next", note), _fixed(head), rows)


def _step_text(step: Step) -> str:
    return step.do if step.takes_s is None else f"{step.do} (about {duration(step.takes_s)})"


def _step(step: Step, lines: dict[str, LineReport]) -> Callable[[int], list[Content]]:
    served = [lines[id_] for id_ in step.lines]
    head = [Content.styled(_step_text(step), "bold"), Content(), Content("For:")]
    return _fixed(
        [*head, *(_short(line.state, f"{line.id}: {one_line(line.found)}") for line in served)]
    )


def _burn_in(found: BurnInOutput, lines: dict[str, LineReport], now_s: float) -> Section:
    ahead = found.state != "complete" and found.eta_s is not None
    left = f" · {duration(found.eta_s or 0.0)} left" if ahead else ""
    failing = sum(one.state == "fails" for one in found.lines)
    bad = f" · {failing} FAIL" if failing else ""
    note = f"{found.state}, {found.hours:.3g} h of {found.needed_hours:.3g} h{left}{bad}"
    rows = tuple(
        Row(f"burn-in:{one.id}", _gauge(one), _line(lines[one.id], now_s), one.id)
        for one in found.lines
    )
    return Section(
        "burn-in-now",
        _heading("Burn-in", note),
        _fixed([Content(text) for text in burn_in_text(found).splitlines()]),
        rows,
        "landerctl burn-in",
    )


def _gauge(one: BurnInLine) -> Content:
    share = "   -" if one.share is None else f"{min(one.share, 9.99):4.0%}"
    name = one.id.partition(".")[2]
    return _labelled(one.state, f"{share} {name}", one.text, so_far=True)


def _phase(
    phase: Phase, judged: Judged, lines: dict[str, LineReport], *, worst_first: bool
) -> Section:
    found = [lines[line.id] for line in phase.lines]
    if worst_first:
        found.sort(key=lambda line: _WORST.index(line.state))
    counts = judged.report.phases[phase.id]
    title = phase.heading.removesuffix(":")
    bad = [line for line in found if line.state not in GOOD]
    head = [
        Content.styled(title, "bold"),
        Content(counts_text(counts)),
        Content(),
        *(_short(line.state, f"{line.id}: {one_line(line.found)}") for line in bad),
        *([] if bad else [_short("holds", "nothing to do")]),
        Content(),
        Content.styled(f"more: landerctl checklist {phase.id}", _DIM),
    ]
    worst = min((line.state for line in found), key=_WORST.index)
    mark, style = MARKS[worst if worst in MARKS and bad else "holds"]
    return Section(
        phase.id,
        Content.assemble((f"{mark} ", style), _heading(title, counts_text(counts))),
        _fixed(head),
        tuple(
            Row(
                line.id,
                _labelled(line.state, line.id.partition(".")[2], _row_text(line)),
                _line(line, judged.report.time_s),
                line.id,
            )
            for line in found
        ),
        phase.id,
    )


def _row_text(line: LineReport) -> str:
    text = line.text.removesuffix(":")
    if line.state == "open":
        text = f"{text}: {one_line(line.found)}"
    elif line.state not in GOOD:
        text = one_line(line.found)
    notes = [*([] if line.required else ["recommended"]), *(["loosened"] if line.loosened else [])]
    return f"({', '.join(notes)}) {text}" if notes else text


def _line(line: LineReport, now_s: float) -> Callable[[int], list[Content]]:
    def lines(width: int) -> list[Content]:
        first, *rest = whole(line, now_s, width=width, paint=plain)
        mark, style = MARKS[line.state]
        return [
            Content.assemble((f"{mark} ", style), (first, "bold")),
            *(Content(text) for text in rest),
        ]

    return lines


def _reviews(reviews: Sequence[Record]) -> Section:
    rows = tuple(
        Row(
            f"review:{one.sequence}",
            Content.assemble(review_title(one.entry), (f"  {one.entry.text}", _DIM)),
            _review(one),
            str(one.sequence),
        )
        for one in reviews
    )
    if rows:
        return Section("reviews", _heading("Reviews", f"newest {len(rows)}"), rows[0].detail, rows)
    none = [Content("No review yet; one now: landerctl review daily")]
    return Section("reviews", _heading("Reviews", "none yet"), _fixed(none))


def _review(one: Record) -> Callable[[int], list[Content]]:
    def lines(width: int) -> list[Content]:
        first, *rest = review_text(one.entry, width).splitlines()
        return [
            Content.styled(first, "bold"),
            *(Content(text) for text in rest),
            Content(),
            Content.styled(f"more: landerctl review {one.sequence}", _DIM),
        ]

    return lines


def _heading(title: str, note: str) -> Content:
    return Content.assemble((title, "bold"), (f"  {note}", _DIM))


def _labelled(state: State, name: str, text: str, *, so_far: bool = False) -> Content:
    """A line of the list: mark, the state in words, a name and a text."""
    mark, style = MARKS[state]
    word = "so far" if so_far and state == "open" else WORDS[state]
    return Content.assemble(
        (f"{mark} {word:<6}", style), f" {name:<{_NAME_CELLS}} ", (one_line(text), _DIM)
    )


def _short(state: State, text: str) -> Content:
    mark, style = MARKS[state]
    return Content.assemble((f"{mark} ", style), text)


def _fixed(lines: Iterable[Content]) -> Callable[[int], list[Content]]:
    """The same lines for each width: they wrap where they end."""
    fixed = list(lines)
    return lambda width: fixed
