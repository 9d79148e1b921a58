"""Every command that a document shows is run, on a real demo training, or excepted by name."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.daemon.harness import ROOT
from tests.docs.expected.acting import CHANGING, FIRST_START, FLYING, NEW_RUN, RUNNING, STARTING
from tests.docs.expected.elsewhere import ELSEWHERE
from tests.docs.expected.reading import READING
from tests.docs.pages import PAGES, blocks, commands
from tests.docs.sandbox import Outcome, Sandbox

OWN_PATH = re.compile(r"^(?:\S*/)?\.venv/bin/(?=landerctl|python|pip)")
PYTHON = re.compile(r"(import|from) ")
MODULE = re.compile(r"python -m (?!pytest|build)([\w.]+)(.*)")
KNOWN = {FIRST_START, *RUNNING, *READING, *CHANGING, *STARTING, *FLYING, *ELSEWHERE}
# What the pieces of Python in the documents suppose.
PRELUDE = """
import numpy
from env.fleet import FleetSettings, LanderFleet
fleet = LanderFleet(FleetSettings(n_envs=8))
vehicle, observations, dones = fleet.settings.vehicle, fleet.reset(), numpy.zeros(8, bool)
"""


def documented() -> dict[str, str]:
    """Each command that a page shows, without the path of its program, and where it stands."""
    return {OWN_PATH.sub("", shown.text): str(shown) for page in PAGES for shown in commands(page)}


def test_each_documented_command_is_run_or_excepted() -> None:
    new = [
        where
        for text, where in documented().items()
        if text not in KNOWN and not MODULE.match(text)
    ]
    assert not new, "add to tests/docs/expected:\n" + "\n".join(new)


def test_each_documented_module_exists_with_the_options_named() -> None:
    found = [match for text in documented() if (match := MODULE.match(text))]
    assert len(found) > 5
    for match in found:
        name, rest = match.groups()
        spec = find_spec(name)
        main = find_spec(f"{name}.__main__") if spec and spec.submodule_search_locations else spec
        assert main is not None and main.origin is not None, name
        source = Path(main.origin).read_text(encoding="utf-8")
        for option in re.findall(r"--[a-z-]+", rest):
            assert option == "--help" or f'"{option}"' in source, match[0]


def test_nothing_is_expected_that_no_document_shows() -> None:
    assert KNOWN - documented().keys() == set()


@dataclass(frozen=True)
class Flown:
    """What a finished demo training leaves, three times, and what was found while it ran."""

    sandbox: Sandbox
    running: list[str]
    changed: Path
    flown: Path


@pytest.fixture(scope="module")
def flown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flown]:
    sandbox = Sandbox(tmp_path_factory.mktemp("documents"))
    try:
        sandbox.train(FIRST_START)
        running = sandbox.faults(RUNNING)
        sandbox.mission.done("stop")
        yield Flown(sandbox, running, sandbox.copy("changed"), sandbox.copy("flown"))
    finally:
        sandbox.mission.close()


def test_the_commands_of_a_running_daemon(flown: Flown) -> None:
    assert not flown.running, "\n".join(flown.running)


def test_the_list_of_the_state_folder_is_complete(flown: Flown) -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"[\w.-]+", page.partition("## State folder")[2]))
    home = flown.sandbox.mission
    found = {
        path.name for folder in (home.paths.home, home.current.folder) for path in folder.iterdir()
    }
    assert found <= listed


def test_the_commands_that_read_and_those_that_change(flown: Flown) -> None:
    with ThreadPoolExecutor() as pool:
        changing = pool.submit(flown.sandbox.faults, CHANGING, flown.changed)
        faults = flown.sandbox.faults(READING, at_once=2)
        faults += changing.result()
    assert not faults, "\n".join(faults)


def test_the_commands_that_fly(flown: Flown) -> None:
    faults = flown.sandbox.faults(FLYING, flown.flown, at_once=2)
    assert not faults, "\n".join(faults)


def test_the_pieces_of_python(flown: Flown) -> None:
    """All in one process, as each would import the simulation anew."""
    run = flown.flown / "runs" / flown.sandbox.words["RUN"]
    shown = [
        block
        for page in PAGES
        for block in blocks(page)
        # Those of runs are tested in tests/landerctl/api.
        if PYTHON.match(block.text) and "landerctl.api" not in block.text
    ]
    assert {block.page for block in shown} >= {"README.md", "docs/checkpoints.md", "docs/pilot.md"}
    code = "\n".join([PRELUDE, *(block.text for block in shown)])
    for path in run.glob("evaluations/*-reference-stage2.npz"):
        code = code.replace("20261123-030905-reference-stage5.npz", str(path))
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=next(run.glob("checkpoints/*-stop")),
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def test_the_starts_of_other_trainings(flown: Flown) -> None:
    faults = []
    for number, command in enumerate(STARTING):
        home = flown.sandbox.folder / f"new{number}" / "state"
        home.parent.mkdir()
        start = Outcome(NEW_RUN, instead=f"{command} --no-wait")
        stop = CHANGING["landerctl stop"]
        faults += flown.sandbox.faults({command: start, "landerctl stop": stop}, home)
    assert not faults, "\n".join(faults)
