"""Blocks of a document that a script writes, each between two comments that name it."""

from __future__ import annotations

from collections.abc import Sequence


def replace_block(page: str, name: str, text: str) -> str:
    """The page with another text in a block. Raises ValueError if it has no such block."""
    begin, end = (
        f"<!-- {name}: made by python -m benchmarks.figures -->\n",
        f"<!-- end of {name} -->",
    )
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"no block {name}")
    return f"{before}{begin}\n{text}\n{end}{after}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
