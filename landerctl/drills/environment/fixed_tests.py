"""Runs the tests of the lines that are true by construction, on this machine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

from checks.checklist.collected.sources import ROOT, source_digests
from checks.checklist.model import Fixed, Line
from daemon.protocol.finding import Figures, Finding
from landerctl.drills.model import DrillContext
from landerctl.drills.scratch.leash import leashed

TESTS_S = 900.0  # they take seconds, and minutes where all has to be compiled first
_NO_TESTS = (
    "its tests are in a checkout of the sources: run the drill there, after `make test`, with the "
    "same --home"
)


def run_fixed_tests(
    context: DrillContext, lines: list[Line], *, begin: float, root: Path = ROOT
) -> Iterator[Finding]:
    """A finding for each line. `begin`: the share of the drill that is done before."""
    digests = source_digests(lines, root)
    for number, line in enumerate(lines):
        context.report(f"testing {line.id}", begin + (1.0 - begin) * number / len(lines))
        assert isinstance(line.judge, Fixed)
        missing = [one for one in line.judge.tests if not (root / one.partition("::")[0]).exists()]
        if missing or line.id not in digests or find_spec("pytest") is None:
            yield Finding(line.id, None, _NO_TESTS)
        else:
            yield _run(line.id, line.judge.tests, digests[line.id], context.scratch, root)


def _run(key: str, tests: tuple[str, ...], sources: str, scratch: Path, root: Path) -> Finding:
    results = scratch / "tests.xml"
    results.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", f"--rootdir={root}", "-p", "no:cacheprovider"]
    command += [f"--basetemp={scratch / 'tests'}", f"--junitxml={results}", "--tb=line"]
    command += [str(root / test) for test in tests]
    environ = {"PYTHONDONTWRITEBYTECODE": "1", "HYPOTHESIS_STORAGE_DIRECTORY": str(scratch / "h")}
    with leashed(command, scratch / "tests.log", environ=environ) as process:
        try:
            output, _ = process.communicate(timeout=TESTS_S)
        except subprocess.TimeoutExpired:
            return Finding(key, None, f"its tests did not end within {TESTS_S:g} s")
    if not results.is_file():
        lines = output.decode(errors="replace").split("\n")
        said = next((line for line in reversed(lines) if line.strip()), "nothing")
        return Finding(key, None, f"its tests could not run: {said}")
    return judge_tests(key, sources, results.read_bytes())


def judge_tests(key: str, sources: str, results: bytes) -> Finding:
    """From pytest's results (JUnit's XML); skipped tests say nothing.

    `sources`: the digest of what was tested.
    """
    suite = ElementTree.fromstring(results).find("testsuite")
    counts = {} if suite is None else suite.attrib
    total, skipped = int(counts.get("tests", 0)), int(counts.get("skipped", 0))
    failed = int(counts.get("failures", 0)) + int(counts.get("errors", 0))
    passed = total - skipped - failed
    figures: Figures = {"sources": sources, "passed": passed, "failed": failed}
    holds = False if failed else True if passed == total > 0 else None
    text = f"{passed} of its {total} tests pass, {skipped} were skipped"
    return Finding(key, holds, text, figures)
