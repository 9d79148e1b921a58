"""The map of docs/golive.md: which lines decide about each criterion, and who judges them.

`python -m checks.checklist.golive.page` writes it into the page, between its two marks.
"""

from __future__ import annotations

from pathlib import Path

from checks.checklist.golive.verdict import leaves
from checks.checklist.model import Drill, Fixed, Line, Live, Person
from checks.checklist.table.benchmarks import QUALITY
from checks.checklist.table.golive import CRITERIA

PAGE = Path(__file__).parents[3] / "docs" / "golive.md"
BEGIN, END = "<!-- the map begins -->", "<!-- the map ends -->"


def with_map(content: str) -> str:
    """The page's content with the map of now. Raises ValueError if a mark is missing."""
    before, begin, rest = content.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{PAGE}: no {BEGIN} or {END}")
    return f"{before}{BEGIN}\n\n{_map()}\n{END}{after}"


def _map() -> str:
    lines = ["| Criterion | Lines that decide |", "|---|---|"]
    for phase in (CRITERIA, QUALITY):
        lines += [f"| {line.text} | {_decided_by(leaves(line))} |" for line in phase.lines]
    return "\n".join(lines) + "\n"


def _decided_by(found: list[Line]) -> str:
    """The lines, by who judges them."""
    groups: dict[str, list[str]] = {}
    for line in found:
        name = f"`{line.id}`" if line.required else f"`{line.id}` (recommended)"
        groups.setdefault(_judge(line), []).append(name)
    return "; ".join(f"{judge}: {', '.join(names)}" for judge, names in groups.items())


def _judge(line: Line) -> str:
    match line.judge:
        case Live():
            return "**live**"
        case Drill(name=name):
            return f"**drill {name}**"
        case Fixed():
            return "**fixed**, by the drill environment"
        case Person():
            return "**a person**"
    raise AssertionError(line.judge)


if __name__ == "__main__":
    PAGE.write_text(with_map(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
