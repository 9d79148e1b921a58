"""A known history is shown at several times exactly as the store has it."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from daemon.store.retention import KEEP_S
from landerctl.tui.data.past.reader import PastReader, resolution
from landerctl.tui.data.past.travel import NothingRecordedError, Step, ToMoment
from landerctl.tui.data.plotted import Wanted
from landerctl.tui.data.situation import Daemon
from landerctl.tui.data.snapshot import Snapshot
from tests.landerctl.tui.data.past.known_history import KnownHistory
from tests.landerctl.tui.state_folder import RUN_ID, StateFolder


@pytest.fixture
def history(folder: StateFolder) -> KnownHistory:
    history = KnownHistory(folder)
    history.write()
    folder.hold_lock()
    return history


def reader_of(folder: StateFolder) -> PastReader:
    return PastReader(folder.paths, (), now=lambda: folder.now_s)


def taken(folder: StateFolder, history: KnownHistory, after_s: float) -> Snapshot:
    return reader_of(folder).read(history.start_s + after_s, Wanted())


class Then(NamedTuple):
    """What was so at a time."""

    daemon: Daemon
    trainer: str
    stage: int | None
    timesteps: int | None
    alerts: tuple[str, ...]
    checkpoints: int
    last_event: str


UP, SLOW = Daemon.UP, ("speed-low",)


@pytest.mark.parametrize(
    ("after_s", "expected"),
    [
        (5.0, Then(UP, "STARTING", None, None, (), 0, "The trainer was started")),
        (150.0, Then(UP, "RUNNING", 1, 150_000, SLOW, 1, "Slow (430 steps/s)")),
        (170.0, Then(UP, "RUNNING", 1, 170_000, (), 1, "speed-low ended")),
        (280.0, Then(UP, "RUNNING", 2, 280_000, (), 2, "Checkpoint 000003")),
        (310.0, Then(UP, "RUNNING", 1, 90_000, (), 2, "Training resumes")),
        (450.0, Then(Daemon.STOPPED, "STOPPED", 1, 398_000, (), 2, "Supervisor stopped")),
        (650.0, Then(Daemon.DIED, "RUNNING", 1, 398_000, (), 2, "First heartbeat")),
    ],
)
def test_the_run_as_it_was(
    folder: StateFolder, history: KnownHistory, after_s: float, expected: Then
) -> None:
    shown = taken(folder, history, after_s)
    status, progress = shown.status, shown.status.progress
    assert status.trainer is not None
    found = Then(
        daemon=shown.situation.daemon,
        trainer=status.trainer.state,
        stage=progress.stage if progress else None,
        timesteps=progress.timesteps if progress else None,
        alerts=tuple(alert.name for alert in status.alerts),
        checkpoints=len(shown.restorables),
        last_event=shown.events[-1].text[: len(expected.last_event)],
    )
    assert found == expected
    assert status.run is not None
    assert status.run.id == RUN_ID
    assert shown.at_s == shown.read_s == history.start_s + after_s
    assert all(event.time_s <= shown.read_s for event in shown.events)
    assert all(s.time_s <= shown.read_s for of in shown.series.values() for s in of)


def test_the_machine_is_shown_by_its_samples(folder: StateFolder, history: KnownHistory) -> None:
    resources = taken(folder, history, 150.0).status.resources
    assert resources is not None
    assert resources.cpu_machine_percent == 25.0
    assert resources.disk_free_bytes == pytest.approx(98.5e9)
    assert resources.cpu_trainer_percent is None
    assert taken(folder, history, 520.0).status.resources is not None
    assert taken(folder, history, 690.0).status.resources is not None  # died 92 s before
    ended = taken(folder, history, 499.0).status.daemon
    assert ended is not None
    assert ended.stopped_s == history.start_s + 400.0


def test_a_checkpoint_removed_since_is_named(folder: StateFolder, history: KnownHistory) -> None:
    then = taken(folder, history, 300.0).past
    assert then is not None
    assert [one.id for one in then.removed] == ["000003-260000-interval"]
    later = taken(folder, history, 360.0).past
    assert later is not None
    assert later.removed == ()


def test_a_store_without_history_says_what_is_not_recorded(folder: StateFolder) -> None:
    history = KnownHistory(folder, recorded=False)
    history.write()
    folder.hold_lock()
    shown = taken(folder, history, 150.0)
    assert shown.past is not None
    assert shown.past.not_recorded == ("silences", "checklist")
    assert shown.status.trainer is not None
    assert shown.status.trainer.state == "RUNNING"
    (alert,) = shown.status.alerts
    assert (alert.name, alert.value, alert.state) == ("speed-low", 430.0, "firing")
    assert shown.series["time/fps"]


def test_without_history_the_progress_is_rebuilt_from_samples_and_events(
    folder: StateFolder,
) -> None:
    history = KnownHistory(folder, recorded=False)
    history.write()
    folder.hold_lock()
    progress = taken(folder, history, 280.0).status.progress
    assert progress is not None
    assert (progress.stage, progress.stage_name) == (2, "approach")
    assert (progress.timesteps, progress.stage_timesteps) == (280_000, 78_000)
    assert progress.success_rate == 0.28
    assert (progress.ramp_step, progress.gate_passed) == (2, False)
    first = taken(folder, history, 150.0).status.progress
    assert first is not None
    assert (first.stage, first.gate_passed) == (1, False)
    before = taken(folder, history, 5.0)
    assert before.status.progress is None
    assert before.past is not None
    assert "progress" in before.past.not_recorded


def test_steps_go_to_what_is_recorded(folder: StateFolder, history: KnownHistory) -> None:
    reader, start_s = reader_of(folder), history.start_s

    def after(at_s: float | None, travel: Step) -> float | None:
        moment = reader.arrive(at_s, travel)
        return None if moment is None else moment - start_s

    back, forward = Step("back"), Step("forward")
    assert after(None, back) == 798.0  # the newest sample
    assert after(start_s + 798.0, back) == 738.0 - 2.0
    assert after(start_s + 520.0, back) == 400.0  # over the time without a daemon
    assert after(start_s + 390.0, forward) == 500.0
    assert after(start_s + 780.0, forward) is None
    by_event_back, by_event_forward = Step("back", True), Step("forward", True)
    assert after(start_s + 150.0, by_event_back) == 100.0
    assert after(start_s + 100.0, by_event_forward) == 160.0
    assert after(start_s + 710.0, by_event_forward) is None
    with pytest.raises(NothingRecordedError, match="Nothing is recorded before"):
        reader.arrive(start_s + 30.0, back)
    with pytest.raises(NothingRecordedError, match="This is now"):
        reader.arrive(None, forward)


def test_a_time_is_gone_to_if_something_is_recorded_before_it(
    folder: StateFolder, history: KnownHistory
) -> None:
    reader, start_s = reader_of(folder), history.start_s
    assert reader.arrive(None, ToMoment(start_s + 150.0)) == start_s + 150.0
    assert reader.arrive(start_s, ToMoment(None)) is None
    assert reader.arrive(start_s, ToMoment(folder.now_s + 1.0)) is None
    with pytest.raises(NothingRecordedError):
        reader.arrive(None, ToMoment(start_s - 10.0))


def test_the_resolution_of_a_time_follows_the_retention() -> None:
    assert resolution(60.0, 2.0) == "samples each 2 s"
    assert resolution(86_400.0, 2.0) == "samples each 60 s"
    assert resolution(KEEP_S + 1.0, 2.0) == "no samples any more, events only"
