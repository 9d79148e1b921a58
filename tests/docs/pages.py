"""What the documents show: commands, snippets and links, each with its page and line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.daemon.harness import ROOT

# A copy of a document of others, word for word.
_COPY = ROOT / "docs" / "production-checklist.md"
_OWN = sorted({*(ROOT / "docs").glob("*.md")} - {_COPY})
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *_OWN)
INDENT = "    "
# The start of what a reader would type; cron's five fields or @reboot may precede it.
_PROMPT = re.compile(
    r"(?:(?:@reboot|(?:\S+ ){4}\S+)  )?((?:[A-Z_]+=\S+ )*"
    r"(?:(?:\S*/)?(?:landerctl|python|pip|py-spy)|sudo|make|kill|loginctl)\b.*)"
)
# Pictures of processes and folders, lines of usage, variables.
_NO_COMMAND = re.compile(r"──|\[OPTIONS\]| COMMAND$| PATTERN$|^\S*/(?: |$)|^home=")
_TWO_SPACES = re.compile(r"\s{2,}(?![^']*'$)")


@dataclass(frozen=True)
class Shown:
    """A piece of a page, as it stands there."""

    page: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.text}"


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path) -> Iterator[Shown]:
    """The indented blocks; blank lines inside belong to them."""
    lines = page.read_text(encoding="utf-8").splitlines()
    block: list[str] = []
    for number, line in enumerate([*lines, "end"], start=1):
        if line.startswith(INDENT) or (block and not line):
            block.append(line.removeprefix(INDENT))
        elif block:
            text = "\n".join(block).rstrip()
            yield Shown(name_of(page), number - len(block), text)
            block = []


def commands(page: Path) -> Iterator[Shown]:
    """The commands in blocks and in inline code, without comments and columns of explanation."""
    for block in blocks(page):
        for offset, line in enumerate(block.text.splitlines()):
            if (found := _PROMPT.fullmatch(line)) and not _NO_COMMAND.search(line):
                yield Shown(block.page, block.line + offset, command_of(found[1]))
    prose = re.sub(rf"^{INDENT}.*$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for code in re.finditer(r"`([^`]+)`", prose):
        text = " ".join(code[1].split())
        if " " in text and (found := _PROMPT.fullmatch(text)):
            number = prose.count("\n", 0, code.start()) + 1
            yield Shown(name_of(page), number, command_of(found[1]))


def command_of(line: str) -> str:
    """A line without its comment or its column of explanation."""
    return _TWO_SPACES.split(line.split(" # ", maxsplit=1)[0].strip())[0]


def links(page: Path) -> Iterator[Shown]:
    """The targets of all links and pictures that are not web addresses."""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        for target in re.findall(r"\]\(([^)\s]+)\)", line):
            if "://" not in target:
                yield Shown(name_of(page), number, target)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}
