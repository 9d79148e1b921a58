"""The page of a comparison of runs: what differs, then what it rests on."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from landerctl.operations.compare import wording
from landerctl.operations.compare.comparison import Comparison
from landerctl.operations.compare.lines import Over
from landerctl.operations.compare.metrics import Metric
from landerctl.operations.compare.tables import ComparedTable, tables
from landerctl.report.document import Block, Document, Heading, Paragraph, Picture, Table


def build(comparison: Comparison, pictures: Sequence[Picture]) -> Document:
    """The page. Pure."""
    word, summary = wording.verdict(comparison)
    shown = tables(comparison)
    blocks: list[Block] = [_table(table) for table in shown[:1]]
    blocks += [Paragraph(note, warning=True) for note in comparison.notes]
    blocks += [Heading("Curves"), *pictures]
    if not pictures:
        blocks.append(Paragraph("No run has one yet: `landerctl start` trains."))
    for table in shown[1:]:
        blocks += [Heading(table.title), _table(table)]
    if remarks := [*wording.lacking(comparison), *wording.remarks(comparison)]:
        blocks += [Heading("How differences were judged"), *map(Paragraph, remarks)]
    return Document(
        title=f"landerctl comparison of {', '.join(wording.labels(comparison))}",
        verdict=word,
        good=None,
        summary=summary,
        blocks=tuple(blocks),
    )


def picture(comparison: Comparison, metrics: Sequence[Metric], over: Over) -> Picture:
    """The curves. Slow: matplotlib. Raises OSError."""
    from landerctl.plots.compared import save_curves  # noqa: PLC0415 - for those who want it

    with tempfile.TemporaryDirectory(prefix="landerctl-compare-") as folder:
        path = Path(folder) / "curves.png"
        save_curves(comparison, metrics, [over], path, "png")
        content = path.read_bytes()
    titles = ", ".join(metric.title for metric in metrics)
    along = "environment steps" if over == "steps" else "hours trained"
    named = ", ".join(wording.labels(comparison))
    return Picture(content, f"{titles} over {along}: {named}.")


def _table(table: ComparedTable) -> Table:
    return Table(table.title, table.head, table.rows)
