"""A sweep's comparison as a picture or a page: what is better, then what it rests on."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from daemon.base.files import write_atomically
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.records import Leg, Trial
from daemon.sweeps.spec.schema import SweepSpec
from landerctl.operations.compare.tables import ComparedTable
from landerctl.operations.sweeps.results.comparison import SweepComparison, comparison
from landerctl.operations.sweeps.results.curves import curve_of, read_trial_curves
from landerctl.plots.sweep.figure import MOST_DRAWN, SweepPicture, save_sweep
from landerctl.report import html
from landerctl.report.document import Block, Document, Heading, Paragraph, Picture, Table


def write_comparison(
    sweep: SweepPaths, spec: SweepSpec, trials: Sequence[Trial], legs: Sequence[Leg], path: Path
) -> None:
    """Write a .png, .svg or .html file. Slow: matplotlib. Raises OSError."""
    found = comparison(spec, trials, legs)
    metric = curve_of(spec.objectives[0])
    drawn = [one.standing.group for one in found.sets[:MOST_DRAWN]]
    curves = {
        group: read_trial_curves(sweep, [one for one in trials if one.group == group], metric)
        for group in drawn
    }
    picture = SweepPicture(sweep.id, spec, found, legs, metric, curves)
    if path.suffix != ".html":
        save_sweep(picture, path, "svg" if path.suffix == ".svg" else "png")
        return
    content = html.render(build(sweep.id, found, [_drawn(picture)] if found.sets else []))
    write_atomically(path, content.encode("utf-8", "backslashreplace"))


def build(name: str, found: SweepComparison, pictures: Sequence[Picture]) -> Document:
    """The page. Pure."""
    word, sentence = found.verdict()
    blocks: list[Block] = []
    for table in found.tables():
        blocks += [Heading(table.title), _table(table)]
    blocks += pictures
    if remarks := found.remarks():
        blocks += [Heading("How differences were judged"), *map(Paragraph, remarks)]
    return Document(
        title=f"landerctl sweep {name}",
        verdict=word,
        good=None,
        summary=sentence,
        blocks=tuple(blocks),
    )


def _drawn(picture: SweepPicture) -> Picture:
    with tempfile.TemporaryDirectory(prefix="landerctl-sweep-") as folder:
        path = Path(folder) / "sweep.png"
        save_sweep(picture, path, "png")
        return Picture(
            path.read_bytes(),
            f"{picture.metric.title} of the best sets over environment steps; the objective by "
            "setting; each trial at the end of each leg.",
        )


def _table(table: ComparedTable) -> Table:
    return Table(table.title, table.head, table.rows)
