"""A report as Markdown. Without pictures, of which only what they show is said. Pure."""

from __future__ import annotations

import re

from daemon.base.secrets.redaction import redact
from daemon.base.text.one_line import one_line
from landerctl.report.document import (
    SIGNS,
    Block,
    Cell,
    Document,
    Fields,
    Heading,
    Mark,
    Paragraph,
    Picture,
    Table,
)

# What begins markup anywhere, and what does at the begin of a line (CommonMark 0.31, 2.4).
_ANYWHERE = re.compile(r"([\\`*_{}\[\]<>|~&])")
_AT_BEGIN = re.compile(r"^(\s*)([-+#>]|\d+[.)](?=\s))")


def render(document: Document) -> str:
    """The file's content."""
    blocks = "\n\n".join(_block(block) for block in document.blocks)
    title, summary = _text(document.title), _text(document.summary)
    return f"# {title}\n\n**{_text(document.verdict)}** {summary}\n\n{blocks}\n"


def _block(block: Block) -> str:
    match block:
        case Heading(text=text, level=level):
            return f"{'#' * level} {_text(text)}"
        case Paragraph(text=text, warning=warning):
            return f"> {_text(text)}" if warning else _line(text)
        case Fields(rows=rows):
            return "\n".join(f"- **{_text(name)}:** {_text(value)}" for name, value in rows)
        case Table(head=head, rows=rows):
            lines = [head, tuple("---" for _ in head)]
            content = [" | ".join(map(_text, lines[0])), " | ".join(lines[1])]
            content += [" | ".join(map(_cell, row)) for row in rows]
            return "\n".join(f"| {one} |" for one in content)
        case Picture(text=text):
            return f"*{_text(text)}* `landerctl plot` draws it."


def _cell(cell: Cell) -> str:
    return f"{SIGNS[cell.state]} {cell.state}" if isinstance(cell, Mark) else _text(cell)


def _line(text: str) -> str:
    return _AT_BEGIN.sub(r"\1\\\2", _text(text))


def _text(text: str) -> str:
    """A text in which nothing is markup, and nothing is a secret."""
    return _ANYWHERE.sub(r"\\\1", redact(one_line(text)))
