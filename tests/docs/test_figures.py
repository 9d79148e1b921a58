"""Figures in documents are those of the records, and `make results` makes every record."""

from __future__ import annotations

import shlex
import subprocess

from benchmarks.figures import pages
from benchmarks.results.__main__ import names
from benchmarks.results.record import load_all
from tests.daemon.harness import ROOT


def test_every_figure_is_the_records() -> None:
    for path, text in pages().items():
        assert path.read_text(encoding="utf-8") == text, "run: python -m benchmarks.figures"


def test_make_results_makes_every_record() -> None:
    done = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", "results"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    made = [
        name
        for line in done.stdout.splitlines()
        if "-m benchmarks.results " in line
        for name in names(shlex.split(line.partition("benchmarks.results ")[2]))
    ]
    assert sorted(made) == [result.name for result in load_all()]
