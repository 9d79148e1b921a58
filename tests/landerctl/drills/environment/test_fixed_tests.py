"""Running the tests of lines that are true by construction."""

from __future__ import annotations

from pathlib import Path

from checks.checklist.model import Fixed, Line
from landerctl.drills.environment.fixed_tests import run_fixed_tests
from landerctl.drills.keys import drill_keys, fixed_lines
from tests.landerctl.drills.contexts import Reported, drill_context

ROOT = Path(__file__).parents[4]


def fixed(key: str, test: str, source: str = "code.py") -> Line:
    return Line(key, key, Fixed((test,), (source,)), "its tests pass", "run the drill")


def test_the_tests_really_run_and_their_result_is_bound_to_the_sources(tmp_path: Path) -> None:
    root = tmp_path / "checkout"
    (root / "tests").mkdir(parents=True)
    (root / "code.py").write_text("ONE = 1\n")
    (root / "tests" / "test_code.py").write_text(
        "import pytest\n"
        "def test_right(): assert True\n"
        "def test_wrong(): assert False\n"
        "@pytest.mark.skip\n"
        "def test_skipped(): assert True\n"
    )
    file = "tests/test_code.py"
    lines = [
        fixed("right", f"{file}::test_right"),
        fixed("wrong", file),
        fixed("skipped", f"{file}::test_skipped"),
        fixed("unknown", f"{file}::test_removed"),
        fixed("not-here", "tests/test_other.py"),
        fixed("no-sources", f"{file}::test_right", "removed.py"),
    ]
    reported: Reported = []
    context = drill_context(tmp_path, reported)
    found = {one.key: one for one in run_fixed_tests(context, lines, begin=0.5, root=root)}
    assert {key: one.holds for key, one in found.items()} == {
        "right": True,
        "wrong": False,
        "skipped": None,
        "unknown": None,
        "not-here": None,
        "no-sources": None,
    }
    assert (found["wrong"].figures["passed"], found["wrong"].figures["failed"]) == (1, 1)
    assert found["right"].figures["sources"] == found["wrong"].figures["sources"] != ""
    assert "after `make test`" in found["not-here"].text
    assert "0 of its 0 tests pass" in found["unknown"].text
    assert reported[0] == ("testing right", 0.5)
    assert sorted(path.name for path in (root / "tests").iterdir()) == ["test_code.py"]


def test_the_table_names_tests_and_sources_that_exist() -> None:
    for line in fixed_lines():
        assert line.id in drill_keys("environment")
        assert isinstance(line.judge, Fixed)
        for test in line.judge.tests:
            file, _, name = test.partition("::")
            path = ROOT / file
            assert path.exists(), line.id
            assert not name or f"def {name}(" in path.read_text(), line.id
        for source in line.judge.sources:
            assert (ROOT / source).exists(), line.id
