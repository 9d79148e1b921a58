"""`landerctl runs compare`: text, JSON and files of two runs; and what it refuses."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from daemon.base.paths import StatePaths
from landerctl.exitcodes import Exit
from tests.landerctl.operations.compare.run_samples import BEGAN_S, evaluate, make_run, train
from tests.landerctl.operator_side import landerctl


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs with curves and evaluations, and one without."""
    folder = tmp_path_factory.mktemp("home")
    paths = StatePaths(folder)
    base, wide = make_run(paths, "base"), make_run(paths, "wide", desired_kl=0.02)
    make_run(paths, "blank")
    train(paths, base)
    train(paths, wide, began_s=BEGAN_S + 1000, count=40)
    evaluate(base, 10, 10)
    evaluate(wide, 18, 2)
    return folder


def test_the_text_fits_80_columns(home: Path) -> None:
    ended = landerctl(home, "runs", "compare", "base", "wide", COLUMNS="80")
    assert ended.returncode == Exit.OK, ended
    lines = ended.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert re.search(r"ppo\.desired_kl +0\.008 +0\.02", ended.stdout)
    assert re.search(r"B: landed +\+40\.0 points .*yes: B lands", ended.stdout)
    assert "They differ. B lands more often than A" in ended.stdout
    assert "each was trained once here" in ended.stdout
    assert "A base · B wide" in ended.stdout  # of the plot
    assert "⠤" in ended.stdout


def test_the_json_has_everything(home: Path) -> None:
    command = ("runs", "compare", "base", "wide", "--json", "--metric", "speed")
    found = json.loads(landerctl(home, *command).stdout)
    assert [run["name"] for run in found["runs"]] == ["base", "wide"]
    assert found["settings"] == [{"name": "ppo.desired_kl", "values": [0.008, 0.02]}]
    assert found["verdict"] == "They differ"
    assert found["evaluations"][0]["differences"][0]["method"] == "mcnemar"
    assert list(found["curves"]) == ["time/fps"]
    assert [len(run["own"]) for run in found["curves"]["time/fps"]] == [60, 40]


def test_files_of_all_kinds_are_written(home: Path, tmp_path: Path) -> None:
    page, drawing = tmp_path / "compared.html", tmp_path / "compared.svg"
    for path in (page, drawing):
        ended = landerctl(
            home, "runs", "compare", "base", "wide", "blank", "--out", str(path), timeout_s=300.0
        )
        assert (ended.returncode, ended.stdout) == (Exit.OK, f"{path}\n"), ended
    content = page.read_text()
    assert content.startswith("<!doctype html>")
    assert "data:image/png;base64," in content
    assert "Holm" in content
    assert "No evaluation of stage 2: C blank" in content
    texts = "\n".join(re.findall("<!-- (.*?) -->", drawing.read_text()))
    assert ET.fromstring(drawing.read_bytes()).tag.endswith("svg")
    for text in ("A base", "C blank", "gate passed", "environment steps", "hours trained"):
        assert text in texts


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("base",), Exit.USAGE, "expected 2 to 6 runs"),
        (("base", "base"), Exit.USAGE, "named twice"),
        (("base", "wid"), Exit.NOT_FOUND, "did you mean 'wide'"),
        (("base", "wide", "--metric", "sucess"), Exit.USAGE, "did you mean 'success'"),
        (("base", "wide", "--out", "compared.pdf"), Exit.USAGE, ".png, .svg, .html"),
        (("base", "wide", "--out", "/proc/no/a.html"), Exit.CANNOT_WRITE, "name another file"),
    ],
)
def test_what_is_refused(home: Path, arguments: tuple[str, ...], code: Exit, text: str) -> None:
    ended = landerctl(home, "runs", "compare", *arguments)
    assert ended.returncode == code, ended
    assert text in ended.stderr
