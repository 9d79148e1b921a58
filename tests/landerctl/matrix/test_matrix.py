"""All verbs in all conditions: a declared exit code, one line of message, valid JSON."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from landerctl.exitcodes import CHECK, Exit, codes
from tests.daemon.harness import ROOT
from tests.landerctl.matrix.fork_server import Case, Result
from tests.landerctl.matrix.homes import (
    Prepared,
    on_disk,
    owned_by,
    prepared_homes,
    write_program,
)
from tests.landerctl.matrix.rows import ROWS, Row
from tests.landerctl.verb_tree import leaves

NO_NAME = 54321  # a user id without an entry in the user database
# Their code is an answer, not a failure, and their message goes to standard output.
ANSWERS = (
    "status",
    "watch",
    "preflight",
    "benchmarks",
    "golive",
    "config diff",
    "sweep status",
    CHECK,
)


@dataclass(frozen=True)
class Condition:
    """What differs from a state folder with a stopped daemon."""

    home: str = "stopped"
    closed: int | None = None
    encoding: str = "utf-8"
    nameless: bool = False  # a user without a name and without HOME


CONDITIONS = {
    "no home": Condition("missing"),
    "empty home": Condition("empty"),
    "stopped": Condition(),
    "running": Condition("running"),
    "dead daemon": Condition("dead"),
    "read-only home": Condition("read-only"),
    "full disk": Condition("full"),
    "LANG=C": Condition(encoding="ascii"),
    "closed standard input": Condition(closed=0),
    "closed standard output": Condition(closed=1),
    "closed standard error": Condition(closed=2),
    "no HOME": Condition(nameless=True),
}


class Matrix:
    """The program and the state folders that all conditions share."""

    def __init__(self, folder: Path, homes: dict[str, Prepared]) -> None:
        self.folder = folder
        self.homes = homes
        self._count = 0
        self._server = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.landerctl.matrix.fork_server"),
                str(write_program(folder)),
            ],
            cwd=ROOT,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def run(self, case: Case) -> Result:
        assert self._server.stdin is not None and self._server.stdout is not None
        self._server.stdin.write(msgspec.json.encode(case) + b"\n")
        self._server.stdin.flush()
        return msgspec.json.decode(self._server.stdout.readline(), type=Result)

    def new_folder(self) -> Path:
        self._count += 1
        made = self.folder / str(self._count)
        made.mkdir()
        return made

    def close(self) -> None:
        self._server.communicate(timeout=30)


@pytest.fixture(scope="module")
def matrix() -> Iterator[Matrix]:
    with (
        tempfile.TemporaryDirectory(prefix="landerctl-") as name,
        prepared_homes(Path(name)) as homes,
    ):
        Path(name).chmod(0o755)
        matrix = Matrix(Path(name), homes)
        yield matrix
        matrix.close()


def test_every_verb_has_a_row() -> None:
    assert set(ROWS) == set(leaves())


@pytest.mark.parametrize("name", CONDITIONS)
def test_exit_code_message_and_json(matrix: Matrix, name: str) -> None:
    condition = CONDITIONS[name]
    if condition.nameless and os.geteuid() != 0:
        pytest.skip("only root can become a user without a name")
    stopped = matrix.homes["stopped"].folder
    disk = (
        on_disk(stopped, full=condition.home == "full")
        if condition.home in ("full", "read-only")
        else nullcontext(None)
    )
    faults = []
    with disk as mounted:
        for verb, rows in ROWS.items():
            for row in rows:
                result = run(matrix, condition, verb, row, mounted)
                faults += [
                    f"landerctl {verb} {row.arguments}: {fault}; {result}"
                    for fault in faults_of(result, verb, row, condition)
                ]
    assert not faults, "\n".join(faults)


def run(matrix: Matrix, condition: Condition, verb: str, row: Row, mounted: Path | None) -> Result:
    scratch = matrix.new_folder()
    prepared = matrix.homes.get(condition.home, matrix.homes["stopped"])
    home = mounted or scratch / "home"
    if condition.home == "running":
        home = prepared.folder
    elif condition.home == "empty":
        home.mkdir()
    elif mounted is None and condition.home != "missing":
        if row.changes or condition.nameless:
            shutil.copytree(prepared.folder, home, ignore=shutil.ignore_patterns("*.sock"))
        else:
            home = prepared.folder
    environment = {"PATH": "/no-such", "HOME": str(scratch), "LANDERCTL_HOME": str(home)}
    if condition.nameless:
        owned_by(scratch, NO_NAME)
        del environment["HOME"]
        environment["LANDERCTL_CONFIG"] = str(home / "config.toml")
    if condition.encoding == "ascii":
        environment |= {"LANG": "C", "LC_ALL": "C"}
    words = {"id": prepared.id, "tar": prepared.tar, "backups": prepared.backups, "out": scratch}
    words["sweep"] = matrix.folder / "rates.toml"
    case = Case(
        [*verb.split(), *row.arguments.format(**words).split()],
        environment,
        condition.closed,
        condition.encoding,
        NO_NAME if condition.nameless else None,
        interrupt=row.endless,
    )
    try:
        return matrix.run(case)
    finally:
        shutil.rmtree(scratch)


def faults_of(result: Result, verb: str, row: Row, condition: Condition) -> list[str]:
    """What is wrong with it."""
    faults = []
    if result.code not in codes(verb) or result.code == Exit.SOFTWARE:
        faults.append(f"exit code {result.code} is not one of {sorted(codes(verb))}")
    if result.code == Exit.OK and condition.closed == 1:
        faults.append("its output was lost")
    said = result.output + result.errors
    if "Traceback" in said or "internal error" in said:
        faults.append("a traceback")
    if re.search(r"\bNone\b", said):
        faults.append("a value that does not exist")
    # Other lines, before it, say how far it was.
    lines = result.errors.splitlines()
    messages = [line for line in lines if line.startswith("landerctl: ")]
    failed = result.code not in (Exit.OK, Exit.DAMAGED, Exit.INTERRUPTED) and verb not in ANSWERS
    if failed and condition.closed != 2 and not (len(messages) == 1 and messages == lines[-1:]):
        faults.append("not one line of message at the end")
    if row.json and (result.code == Exit.OK or result.output):
        try:
            for line in result.output.splitlines():
                json.loads(line)
        except ValueError:
            faults.append("no JSON")
        if not result.output and condition.closed != 1 and verb != "events":
            faults.append("no JSON")
    return faults
