"""Who gets which notice, and when: the pure part."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config.schema import AlertRule, NotifySettings, NotifyTarget, Severity
from daemon.notify.outbox import (
    LONGEST_RETRY_S,
    MAX_WAITING,
    Waiting,
    bounded,
    by_target,
    compose,
    due_s,
    from_records,
    postponed,
    to_records,
)
from daemon.store.records import Notice, NoticeKind
from daemon.supervisor.aio.clock import Instant
from daemon.supervisor.alerting.engine import Alert
from daemon.supervisor.alerting.notices import notices_of, review_notices

SETTINGS = NotifySettings(
    group_wait_s=10.0,
    repeat_interval_s=3600.0,
    timeout_s=5.0,
    give_up_h=1.0,
    title_prefix="",
    targets=[
        NotifyTarget(name="all", command=["true"], min_severity="info"),
        NotifyTarget(name="pager", command=["true"], min_severity="critical"),
    ],
)
RULE = AlertRule(
    name="disk-low",
    metric="disk/free_gb",
    comparison="below",
    threshold=10.0,
    for_s=0.0,
    severity="warning",
    summary="Free some",
)
ALERT = Alert(RULE, "firing", 0.0, 0.0, 9.0)


def notice(**changes: object) -> Notice:
    one = Notice("all", "firing", "disk-low", "warning", "Free some", 100.0)
    return msgspec.structs.replace(one, **changes)


def waiting(due_s: float, since_s: float = 100.0, **changes: object) -> Waiting:
    return Waiting(notice(**changes), since_s, due_s)


@pytest.mark.parametrize(
    ("severity", "targets"),
    [("info", ["all"]), ("warning", ["all"]), ("critical", ["all", "pager"])],
)
def test_a_target_gets_notices_of_its_severities(severity: Severity, targets: list[str]) -> None:
    alert = Alert(msgspec.structs.replace(RULE, severity=severity), "firing", 0.0, 0.0, 9.0)
    found = notices_of(alert, "firing", SETTINGS, Instant(100.0, 5000.0))
    assert [one.notice.target for one in found] == targets
    assert {(one.since_s, one.due_s, one.notice.created_s) for one in found} == {
        (100.0, 110.0, 5000.0)
    }
    assert found[0].notice.text == "Free some (disk/free_gb = 9, below 10)"


def test_simultaneous_notices_make_one_message_most_severe_first() -> None:
    some = [
        waiting(111.0, alert="b", created_s=101.0),
        waiting(112.0, alert="c", severity="critical", created_s=102.0),
        waiting(110.0, alert="a", kind="resolved", created_s=100.0),
    ]
    assert due_s(some) == 110.0
    message = compose([one.notice for one in some], "[lab 2] ")
    assert message.title.startswith("[lab 2] [landerctl ")
    assert message.title.endswith("] CRITICAL c and 2 more")
    assert message.severity == "critical"
    assert [line.split(":")[0] for line in message.body.splitlines()] == [
        "CRITICAL c",
        "WARNING b",
        "RESOLVED a",
    ]


@pytest.mark.parametrize(
    ("kind", "label"),
    [("firing", "WARNING"), ("reminder", "STILL WARNING"), ("resolved", "RESOLVED")],
)
def test_a_message_labels_firing_reminder_and_resolved(kind: NoticeKind, label: str) -> None:
    message = compose([notice(kind=kind)], "")
    assert message.body == f"{label} disk-low: Free some"
    assert message.severity == ("info" if kind == "resolved" else "warning")


def test_retries_back_off_until_giving_up() -> None:
    failed: Waiting | None = waiting(110.0)
    now_s, waits = 110.0, []
    while failed is not None:
        failed = postponed(failed, now_s, give_up_s=3600.0)
        if failed is not None:
            waits.append(failed.due_s - now_s)
            now_s = failed.due_s
    assert waits[:4] == [10.0, 20.0, 40.0, 80.0]
    assert waits == sorted(waits)
    assert waits[-1] <= LONGEST_RETRY_S
    assert 3600.0 <= now_s - 100.0 <= 3600.0 + LONGEST_RETRY_S


def test_notices_for_a_target_that_is_down_wait_for_its_retry() -> None:
    failed, new = waiting(500.0, tries=3), waiting(400.0, 390.0, alert="b")
    other = waiting(400.0, target="pager")
    queues = by_target([failed, other, new])
    assert queues == {"all": [failed, new], "pager": [other]}
    assert [due_s(queue) for queue in queues.values()] == [500.0, 400.0]


@given(st.integers(0, 3 * MAX_WAITING))
def test_the_outbox_keeps_the_newest(count: int) -> None:
    some = [waiting(float(k)) for k in range(count)]
    assert bounded(some) == some[-MAX_WAITING:]


@pytest.mark.parametrize("wall_s", [0.0, 1e9, 2e9])
def test_a_notice_waits_for_the_time_in_which_it_was_tried_whatever_the_wall_clock_says(
    wall_s: float,
) -> None:
    """Restarted twice, with the wall clock set in between."""
    first = from_records([notice(created_s=wall_s)], now_s=50.0)
    recorded = to_records(first, now_s=50.0 + 3000.0)
    again = from_records(recorded, now_s=7.0)
    assert [one.due_s for one in again] == [7.0]
    assert postponed(again[0], 7.0 + 599.0, give_up_s=3600.0) is not None
    assert postponed(again[0], 7.0 + 600.0, give_up_s=3600.0) is None


def test_a_review_goes_to_the_named_targets_whatever_severities_they_want() -> None:
    found = review_notices("daily", "all is well", SETTINGS, ["pager"], Instant(100.0, 5000.0))
    assert [(one.notice.target, one.due_s) for one in found] == [("pager", 100.0)]
    message = compose([one.notice for one in found], "")
    assert message.title.endswith("] REVIEW daily")
    assert (message.body, message.severity) == ("REVIEW daily: all is well", "info")
