"""What the documents point to exists: pages, anchors, files of the sources, targets of make."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from daemon.base.paths import RunPaths, StatePaths
from tests.daemon.harness import ROOT
from tests.docs.pages import PAGES, anchors, commands, links

CHANGELOG = ROOT / "CHANGELOG.md"


@pytest.mark.parametrize("page", [*PAGES, CHANGELOG], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for shown in links(page):
        name, _, anchor = shown.text.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), shown
        assert not anchor or anchor in anchors(target), shown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_named_source_files_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name in re.findall(
        r"`((?:landerctl|daemon|env|checks|tests|docs|benchmarks)/\S+\.py)`", text
    ):
        assert (ROOT / name).exists(), f"{page.name}: {name}"


def test_named_targets_of_make_exist() -> None:
    named = {
        shown.text.split()[1] for page in PAGES for shown in commands(page) if "make " in shown.text
    }
    done = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert named <= set(re.findall(r"^make (\S+)", done.stdout, re.MULTILINE))


def test_the_list_of_the_state_folder_names_every_path() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"[\w.-]+", page.partition("## State folder")[2]))
    for paths, inside in ((StatePaths(Path("home")), "home"), (RunPaths(Path("run")), "folder")):
        for name, value in vars(type(paths)).items():
            if isinstance(value, property) and name not in ("id", inside):
                assert getattr(paths, name).name in listed, name


def test_named_parts_of_source_files_exist() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    found = re.findall(r"`(\w+)` in `([\w/]+\.py)`", text)
    assert len(found) > 10
    for name, file in found:
        folders = ("landerctl", "daemon", "env", "tests")
        below = [path for one in folders for path in (ROOT / one).rglob(file)]
        sources = [ROOT / file] if (ROOT / file).exists() else below
        assert any(name in path.read_text(encoding="utf-8") for path in sources), (name, file)
