"""A report as one HTML file that needs no network and no script. Pure."""

from __future__ import annotations

import base64
import html
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
from landerctl.report.style import CSS

# Nothing is loaded or executed, whatever a text contains.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_CODE = re.compile(r"`([^`]+)`")
_UNBROKEN = 12  # characters: such a text stays in one line
_CLASSES = {"does not apply": "none"}
_WORD_CLASSES = {True: "go", False: "no-go", None: "word"}


def render(document: Document) -> str:
    """The file's content."""
    word_class = _WORD_CLASSES[document.good]
    title, verdict = _text(document.title), _text(document.verdict)
    body = "\n".join(_block(block) for block in document.blocks)
    return f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{_attribute(f"{document.verdict}: {document.title}")}</title>
<style>
{CSS}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p class="verdict {word_class}">{verdict}</p>
<p class="summary">{_text(document.summary)}</p>
</header>
<main>
{body}
</main>
</body>
</html>
"""


def _block(block: Block) -> str:
    match block:
        case Heading(text=text, level=level):
            return f"<h{level}>{_text(text)}</h{level}>"
        case Paragraph(text=text, warning=warning):
            attributes = ' class="warning" role="note"' if warning else ""
            return f"<p{attributes}>{_text(text)}</p>"
        case Fields(rows=rows):
            inner = "".join(
                f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>\n" for name, value in rows
            )
            return f"<dl>\n{inner}</dl>"
        case Table():
            return _table(block)
        case Picture(png=png, text=text):
            data = base64.b64encode(png).decode()
            image = f'<img alt="{_attribute(text)}" src="data:image/png;base64,{data}">'
            return f"<figure>\n{image}\n<figcaption>{_text(text)}</figcaption>\n</figure>"


def _table(table: Table) -> str:
    """With roles, which a table loses for screen readers where it is shown as blocks."""
    head = "".join(f'<th scope="col" role="columnheader">{_text(one)}</th>' for one in table.head)
    rows = "\n".join(
        f'<tr role="row">{"".join(map(_cell, row, table.head))}</tr>' for row in table.rows
    )
    return (
        f'<table role="table">\n<caption>{_text(table.caption)}</caption>\n'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>\n'
        f'<tbody role="rowgroup">\n{rows}\n</tbody>\n</table>'
    )


def _cell(cell: Cell, head: str) -> str:
    if isinstance(cell, Mark):
        name = _CLASSES.get(cell.state, cell.state)
        sign = f'<span aria-hidden="true">{SIGNS[cell.state]}</span>'
        return f'<td role="cell" class="state {name}">{sign} {cell.state}</td>'
    label = f' data-head="{_attribute(head)}"' if cell and head else ""
    if 0 < len(cell) <= _UNBROKEN:
        label += ' class="short"'
    return f'<td role="cell"{label}>{_text(cell)}</td>'


def _text(text: str) -> str:
    """A text in which nothing is markup but code between backticks, and nothing is a secret."""
    return _CODE.sub(r"<code>\1</code>", _attribute(text))


def _attribute(text: str) -> str:
    return html.escape(redact(one_line(text)))
