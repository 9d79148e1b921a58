from __future__ import annotations

from landerctl.tui.screens.incidents.history import fired_alerts, rollback_report
from tests.landerctl.tui.screens.incidents.events import T0, event, fired, resolved, silenced


def test_each_time_that_an_alert_fired_with_what_followed() -> None:
    acted = event(61, "alert.acted", alert="disk-low", action="stop")
    acknowledged = event(62, "alert.acknowledged", "by anna: cleaning up", alert="disk-low")
    sent = event(63, "notify.sent", target="phone", alerts="speed-low, disk-low")
    after_it = event(101, "notify.sent", target="phone", alerts="disk-low")
    again, first = fired_alerts(
        [fired(60), acted, acknowledged, sent, resolved(100), after_it, fired(200)]
    )
    assert first.ended == resolved(100)
    assert first.later == [acted, acknowledged, sent, resolved(100), after_it]
    assert first.during(T0 + 80) and not first.during(T0 + 150)
    assert (again.ended, again.later) == (None, [])
    assert again.during(T0 + 1e6)


def test_an_alert_fired_while_it_was_silenced() -> None:
    begins, ends = silenced(10, 3600.0), silenced(100, 0.0)
    third, second, first = fired_alerts(
        [begins, fired(60), resolved(70), ends, fired(200), resolved(210), fired(220, "speed-low")]
    )
    assert first.silence == begins
    assert second.silence is None is third.silence


def test_a_silence_that_begins_while_it_fires() -> None:
    (alert,) = fired_alerts([fired(60), silenced(80, 3600.0), silenced(90, 60.0, "speed-*")])
    assert [one.time_s - T0 for one in alert.later] == [80]
    assert alert.silence is None


def test_what_the_store_lost_the_beginning_of_is_not_listed() -> None:
    assert fired_alerts([resolved(5), event(6, "alert.acknowledged", alert="disk-low")]) == []


def test_the_events_of_one_rollback() -> None:
    """The report of the first comes after the second has begun; a third goes to the same state."""
    began = event(10, "rollback.started", id="a")
    done = event(20, "rollback.done", id="a")
    second, second_done = event(30, "rollback.started", id="b"), event(40, "rollback.done", id="b")
    watched = event(41, "rollback.watched", id="a")
    third = event(50, "rollback.started", id="a")
    third_done = event(60, "rollback.done", id="a")
    events = [began, done, second, second_done, watched, third, third_done]
    assert rollback_report(T0 + 9.0, events) == [began, done, watched]
    assert rollback_report(T0 + 30.0, events) == [second, second_done]
    assert rollback_report(T0 + 50.0, events) == [third, third_done]
    assert rollback_report(T0 + 25.0, events) == []
    assert rollback_report(None, events) == []
