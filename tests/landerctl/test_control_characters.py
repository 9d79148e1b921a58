"""Stored text cannot control the terminal on which it is shown."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from rich.cells import cell_len

from checks.gather import gather
from checks.verdict import Level, Verdict, render
from daemon.base.paths import StatePaths
from daemon.rollback.incidents import append, opened
from daemon.store.records import Acknowledgement, AlertRecord, Silence
from daemon.store.writer import StoreWriter
from landerctl.failure import Failure, one_line
from landerctl.fast_path.status_report import lines, overview
from landerctl.fast_path.summary import summary
from landerctl.tui.data.reader import SnapshotReader
from tests.landerctl.operator_side import fill_store, landerctl, lock_held, make_run
from tests.landerctl.tui.flight_deck import Deck, fly
from tests.status_samples import daemon_status, progress, trainer_status

R = TypeVar("R", bound=msgspec.Struct)

# Colour, title, an 8-bit control sequence, a tab, text backwards, zero width, a line separator,
# DEL; then a wide character and a combining one.
HOSTILE = "a\x1b[31mb\x1b]0;c\x07\x9b1md\te\u202ef\u200bg\u2028h\x7f\u6708e\u0301"
ESCAPED = "a␛[31mb␛]0;c␇<U+009B>1md␉e<U+202E>f<U+200B>g<U+2028>h␡\u6708e\u0301"
SHOWN = ESCAPED.partition("␉")[0]  # what lines that collapse white space show of it
CONFIG = (
    '[[alerts]]\nname = "low"\nmetric = "m\\u001b[2m"\ncomparison = "below"\n'
    'threshold = 1.0\nfor_s = 0.0\nseverity = "critical"\nsummary = "s\\u001b[3m\\te"\n'
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A state folder with such text in every field that may hold one."""
    now_s = time.time()
    run = make_run(tmp_path)
    (tmp_path / "config.toml").write_text(CONFIG)
    fill_store(tmp_path, run.id, config_error=HOSTILE)
    with closing(StoreWriter.open(StatePaths(tmp_path).store)) as writer:
        writer.add_event("trainer.crashed", HOSTILE, time_s=now_s, run_id=run.id)
        writer.put_trainer(
            trainer_status(now_s, run.id, state="BACKOFF", last_exit=HOSTILE, phase_detail=HOSTILE)
        )
        writer.put_alerts(
            [
                AlertRecord(
                    name="low",
                    state="firing",
                    since_s=now_s,
                    value=0.0,
                    metric="m",
                    comparison="below",
                    threshold=1.0,
                    severity="critical",
                    summary=HOSTILE,
                    acknowledged=Acknowledgement(now_s, HOSTILE, HOSTILE),
                )
            ]
        )
        writer.put_silences([Silence("*", now_s + 1000.0, HOSTILE, HOSTILE)])
    return tmp_path


def poisoned(record: R) -> R:
    """The record with such text in each field that takes any text."""
    plain = msgspec.to_builtins(record)
    for holder, key in list(text_places(plain)):
        before, holder[key] = holder[key], HOSTILE
        try:
            msgspec.convert(plain, type(record))
        except msgspec.ValidationError:
            holder[key] = before  # one of a few words
    return msgspec.convert(plain, type(record))


def text_places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Where texts are in decoded JSON: what holds them, and the key or index there."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        if isinstance(inner, str):
            yield value, key
        elif isinstance(inner, dict | list):
            yield from text_places(inner)


@pytest.fixture
def poisoned_home(home: Path) -> Path:
    """Such text in every column of the store that takes it, and in incidents.md."""
    now_s, paths = time.time(), StatePaths(home)
    acknowledged = Acknowledgement(now_s, "u", "n")
    alert = AlertRecord("a", "firing", now_s, 0.0, "m", "below", 1.0, "critical", "s", acknowledged)
    with closing(StoreWriter.open(paths.store)) as writer:
        for name in ("trainer.crashed", "stage.passed", "rollback.done"):
            writer.add_event(name, "t", time_s=now_s, run_id="r")
        error = daemon_status(now_s, config_path="p", config_error="e", stop_reason="r")
        writer.put_daemon(poisoned(error))
        writer.put_trainer(poisoned(trainer_status(now_s, "r", last_exit="x", frozen="f")))
        writer.put_progress(poisoned(progress(now_s)))
        writer.put_alerts([msgspec.structs.replace(poisoned(alert), name="low"), poisoned(alert)])
        writer.put_silences([poisoned(Silence("*", now_s + 1000.0, "u", "n"))])
        writer.add_samples(now_s, {HOSTILE: 1.0}, timesteps=1)
        writer.add_session(now_s - 100.0, HOSTILE)
    with closing(sqlite3.connect(paths.store)) as store, store:
        body = msgspec.json.encode({HOSTILE: HOSTILE, "stage": HOSTILE}).decode()
        store.execute("UPDATE events SET text = ?, run_id = ?, body = ?", (HOSTILE, HOSTILE, body))
        store.execute("UPDATE events SET name = ? WHERE name = 'trainer.crashed'", (HOSTILE,))
    append(paths.incidents, opened(now_s, HOSTILE, HOSTILE, None))
    return home


READING = [
    ["status"],
    ["check"],
    ["events"],
    ["alerts"],
    ["alerts", "show", "low"],
    ["metrics"],
    ["metrics", HOSTILE],
    ["episodes"],
    ["backups"],
    ["checklist"],
    ["incident", "list"],
    ["burn-in"],
    ["review"],
    ["estimate"],
]


@pytest.mark.parametrize("verb", READING, ids=" ".join)
def test_no_reading_verb_prints_it(poisoned_home: Path, verb: list[str]) -> None:
    with lock_held(poisoned_home):
        plain = landerctl(poisoned_home, *verb)
        as_json = landerctl(poisoned_home, *verb, "--json")
    for ended in (plain, as_json):
        assert ended.returncode != 70, ended.stderr
        assert_clean(ended.stdout + ended.stderr)
    if as_json.stdout:
        found = list(map(msgspec.json.decode, as_json.stdout.splitlines()))
        if verb in (["status"], ["events"], ["alerts"]):
            assert HOSTILE in [holder[key] for holder, key in text_places(found)]


def assert_clean(text: str) -> None:
    assert [line for line in text.splitlines() if not line.isprintable()] == []


@pytest.mark.parametrize(
    "verb", ["status", "check", "events", "alerts", "alerts show low", "alerts show no\x1b"]
)
def test_no_verb_prints_it(home: Path, verb: str) -> None:
    with lock_held(home):
        ended = landerctl(home, *verb.split(" ", 2))
    assert ended.returncode not in (4, 70)
    assert_clean(ended.stdout + ended.stderr)
    if verb in ("status", "events", "alerts show low"):
        assert SHOWN in ended.stdout


def test_no_line_of_a_report_contains_it(home: Path) -> None:
    with lock_held(home):
        view = overview(gather(StatePaths(home), time.time()), str(home))
    assert all(line.isprintable() for line in lines(view))
    assert summary(view).isprintable()
    assert render([Verdict("store", Level.CRITICAL, HOSTILE)]).isprintable()
    assert one_line(HOSTILE).isprintable()
    assert Failure(HOSTILE).text.isprintable()


def test_the_screen_shows_it_escaped(home: Path) -> None:
    reader = SnapshotReader(StatePaths(home), (), now=time.time, monotonic=time.monotonic)
    for _ in range(2):  # the second reads new events only
        with closing(StoreWriter.open(StatePaths(home).store)) as writer:
            writer.add_event("trainer.crashed", HOSTILE, time_s=time.time())
        snapshot = reader.read()
        assert [event.text for event in snapshot.events if not event.text.isprintable()] == []
    [alert], [silence] = snapshot.status.alerts, snapshot.status.silences
    assert alert.acknowledged is not None
    texts = [alert.name, alert.summary, alert.acknowledged.note, silence.note]
    texts += [snapshot.rules[0].name, snapshot.rules[0].summary, snapshot.rules[0].metric]
    assert all(text.isprintable() for text in texts)
    assert len(snapshot.events) == 3


def test_the_screen_keeps_its_columns(poisoned_home: Path) -> None:
    """All panels and the alerts at 80x24: each line is printable and as wide as the terminal."""

    async def steps(deck: Deck) -> None:
        for keys in ("1", "2", "3", "a", "escape", "question_mark"):
            await deck.press(keys)
            await deck.next_snapshot()
            for strip in deck.app.screen._compositor.render_strips():
                assert (strip.text.isprintable(), cell_len(strip.text)) == (True, 80), strip.text
            if keys == "3":
                assert "␛[31m" in deck.text

    with lock_held(poisoned_home):
        fly(StatePaths(poisoned_home), (80, 24), steps)
