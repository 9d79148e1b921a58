"""The ledger keeps what was appended, and names what was changed in it."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import msgspec
import pytest

from checks.checklist.ledger.ledger import LedgerError, append, read_ledger
from checks.checklist.ledger.record import Entry, Record
from checks.checklist.ledger.sealing import seal
from daemon.protocol.finding import Finding
from tests.checks.checklist.facts_samples import ADDRESS, sealed
from tests.daemon.harness import ROOT

RECORDS = 12
# Appends records until it is killed; prints the number of each once it is durable.
WRITER = """
import sys
from pathlib import Path
from threading import Event
from checks.checklist.ledger.ledger import append
from tests.checks.checklist.ledger.test_ledger import entry

for number in range(int(sys.argv[2])):
    for record in append(Path(sys.argv[1]), *(entry(sys.argv[3]) for _ in range(3))):
        print(record.sequence, flush=True)
"""


def entry(subject: str = "resume", text: str = "5 of 5 hold") -> Entry:
    return Entry(
        kind="drill",
        subject=subject,
        time_s=1.8e9,
        address=ADDRESS,
        holds=True,
        text=text,
        findings=(Finding("resumes", True, "the same parameters", {"differing": 0}),),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.jsonl"


@pytest.fixture
def filled(path: Path) -> Path:
    append(path, *(entry(text=f"number {number}") for number in range(1, RECORDS + 1)))
    return path


def test_what_was_appended_is_read(path: Path) -> None:
    assert read_ledger(path).records == ()
    first = append(path, entry("resume"), entry("crash"))
    second = append(path, entry("resume", "again"))
    ledger = read_ledger(path)
    assert list(ledger.records) == first + second
    assert not ledger.problem
    assert [record.sequence for record in ledger.records] == [1, 2, 3]
    newest = ledger.newest("drill", "resume")
    assert newest is not None and newest.entry.text == "again"
    assert ledger.newest("signoff") is None
    assert path.stat().st_mode & 0o777 == 0o600


def _edited(lines: list[bytes], number: int) -> None:
    lines[number - 1] = lines[number - 1].replace(b'"holds":true', b'"holds":null', 1)


def _resealed(lines: list[bytes], number: int) -> None:
    """Changed by somebody who also computes the record's digest."""
    before = msgspec.json.decode(lines[number - 2], type=Record)
    lines[number - 1] = msgspec.json.encode(seal(entry(text="better"), before)) + b"\n"


def _removed(lines: list[bytes], number: int) -> None:
    del lines[number - 1]


def _swapped(lines: list[bytes], number: int) -> None:
    lines[number - 1], lines[number] = lines[number], lines[number - 1]


def _garbled(lines: list[bytes], number: int) -> None:
    lines[number - 1] = b"{}\n"


@pytest.mark.parametrize(
    ("change", "number", "problem"),
    [
        (_edited, 5, "record 5 (drill resume) was edited"),
        (_edited, 1, "record 1 (drill resume) was edited"),
        (_edited, RECORDS, "record 12 (drill resume) was edited"),
        (_resealed, 5, "record 5 (drill resume) was edited"),
        (_resealed, RECORDS, "record 12 (drill resume) was edited"),
        (_removed, 5, "record 5 was removed or moved: number 6 follows"),
        (_removed, RECORDS, "record 12 was removed: 12 were written"),
        (_swapped, 5, "record 5 was removed or moved: number 6 follows"),
        (_garbled, 5, "record 5 is not readable"),
    ],
)
def test_a_change_is_named_and_nothing_is_appended_after_it(
    filled: Path, change: Callable[[list[bytes], int], None], number: int, problem: str
) -> None:
    lines = filled.read_bytes().splitlines(keepends=True)
    change(lines, number)
    filled.write_bytes(b"".join(lines))
    ledger = read_ledger(filled)
    assert ledger.problem == f"{filled}: {problem}"
    assert [record.sequence for record in ledger.records] == list(range(1, number))
    with pytest.raises(LedgerError, match=r"move ledger\.jsonl and ledger\.head away"):
        append(filled, entry())


def test_a_ledger_that_is_replaced_as_a_whole_is_noticed_by_its_head(filled: Path) -> None:
    other = sealed(*(entry(text="good") for _ in range(RECORDS + 1)))
    filled.write_bytes(b"".join(msgspec.json.encode(record) + b"\n" for record in other))
    assert read_ledger(filled).problem == f"{filled}: record 12 (drill resume) was edited"


def test_a_line_that_was_being_written_is_not_part_of_it(filled: Path) -> None:
    with filled.open("ab") as stream:
        stream.write(b'{"sequence":13,"entry":{"kin')
    assert len(read_ledger(filled).records) == RECORDS
    assert append(filled, entry())[0].sequence == RECORDS + 1
    assert not read_ledger(filled).problem


def test_a_head_that_is_older_than_the_last_record_is_no_problem(filled: Path) -> None:
    """The process died between the record and the head."""
    head = filled.with_suffix(".head").read_bytes()
    append(filled, entry())
    filled.with_suffix(".head").write_bytes(head)
    assert not read_ledger(filled).problem
    append(filled, entry())
    assert len(read_ledger(filled).records) == RECORDS + 2


def test_what_does_not_fit_on_the_disk_leaves_no_trace(filled: Path) -> None:
    before = filled.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, limits[1]))
        with pytest.raises(OSError, match="File too large"):
            append(filled, entry(), entry())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert filled.read_bytes() == before
    assert append(filled, entry())[0].sequence == RECORDS + 1


def _writer(path: Path, subject: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), str(count), subject]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_two_writers_at_once_make_one_chain(path: Path) -> None:
    writers = [_writer(path, subject, 20) for subject in ("resume", "crash")]
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    ledger = read_ledger(path)
    assert not ledger.problem
    assert len(ledger.records) == 2 * 20 * 3
    assert len(list(ledger.backwards("drill", "crash"))) == 20 * 3


def test_a_writer_killed_at_any_moment_loses_nothing_that_it_reported(path: Path) -> None:
    chance = random.Random(7)
    reported = 0
    for _ in range(4):
        writer = _writer(path, "resume", 10**6)
        assert writer.stdout is not None
        line = writer.stdout.readline()
        Event().wait(chance.uniform(0.0, 0.05))  # any moment, not one to synchronise with
        os.kill(writer.pid, signal.SIGKILL)
        reported = max([int(line), *(int(one) for one in writer.stdout.read().split("\n")[:-1])])
        writer.wait()
        ledger = read_ledger(path)
        assert not ledger.problem
        assert len(ledger.records) >= reported
    append(path, entry())
    assert not read_ledger(path).problem


def test_ten_thousand_records_are_read_fast(path: Path) -> None:
    content = b"".join(
        msgspec.json.encode(record) + b"\n" for record in sealed(*[entry()] * 10_000)
    )
    path.write_bytes(content)
    began_s = time.process_time()
    assert len(read_ledger(path).records) == 10_000
    assert time.process_time() - began_s < 2.0
