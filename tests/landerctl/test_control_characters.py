"""Stored text cannot control the terminal on which it is shown."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest

from checks.gather import gather
from checks.verdict import Level, Verdict, render
from daemon.base.paths import StatePaths
from daemon.store.records import Acknowledgement, AlertRecord, Silence
from daemon.store.writer import StoreWriter
from landerctl.failure import Failure, one_line
from landerctl.fast_path.status_report import lines, overview
from landerctl.fast_path.summary import summary
from landerctl.tui.data.reader import SnapshotReader
from tests.landerctl.operator_side import fill_store, landerctl, lock_held, make_run
from tests.status_samples import trainer_status

# Colour, title, an 8-bit control sequence, a tab, text backwards.
HOSTILE = "a\x1b[31mb\x1b]0;c\x07\x9b1md\te\u202ef"
ESCAPED = r"a\x1b[31mb\x1b]0;c\x07\x9b1md"
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
        assert ESCAPED in ended.stdout


def test_no_line_of_a_report_contains_it(home: Path) -> None:
    with lock_held(home):
        view = overview(gather(StatePaths(home), time.time()), str(home))
    assert all(line.isprintable() for line in lines(view))
    assert summary(view).isprintable()
    assert render([Verdict("store", Level.CRITICAL, HOSTILE)]).isprintable()
    assert one_line(HOSTILE).isprintable()
    assert Failure(HOSTILE).text.isprintable()


def test_the_screen_shows_it_escaped(home: Path) -> None:
    reader = SnapshotReader(StatePaths(home), None, now=time.time, monotonic=time.monotonic)
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
