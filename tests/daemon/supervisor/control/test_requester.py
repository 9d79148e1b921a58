"""Who asked, and from where, is recorded."""

from __future__ import annotations

import os

import pytest

from daemon.base.user import user_name
from daemon.protocol.control import (
    BackupRequest,
    PingRequest,
    RollbackRequest,
    SilenceRequest,
    StopRequest,
    Via,
)
from daemon.supervisor.control.requester import identified
from tests.daemon.harness import Home

PEER = user_name(os.geteuid())


@pytest.mark.parametrize(
    ("claimed", "via", "user"),
    [
        ("", "command", "anna"),
        ("anna", "command", "anna"),
        ("", "screen", "anna on the screen"),
        ("ben", "screen", "ben (as anna) on the screen"),
    ],
)
def test_the_kernels_name_counts(claimed: str, via: Via, user: str) -> None:
    for request in (
        StopRequest(user=claimed, via=via),
        BackupRequest(user=claimed, via=via),
        RollbackRequest(["a"], claimed, via=via),
        SilenceRequest("*", 1.0, claimed, via=via),
    ):
        found = identified(request, "anna")
        assert not isinstance(found, PingRequest) and getattr(found, "user") == user  # noqa: B009
    assert identified(PingRequest(), "anna") == PingRequest()
    assert user_name(2_000_000_000) == "uid 2000000000"


def test_where_the_user_asks_is_named_too() -> None:
    asked = StopRequest(user="anna", via="screen", place="pts/3, ssh from 192.0.2.7")
    found = identified(asked, "anna")
    assert isinstance(found, StopRequest)
    assert found.user == "anna on the screen (pts/3, ssh from 192.0.2.7)"


def test_backups_rollbacks_and_stops_of_the_screen_say_so(home: Home) -> None:
    daemon = home.started()
    home.trainer_state("RUNNING")
    home.ask(BackupRequest("before lunch", via="screen"))
    event = home.event("backup.requested")
    assert event.text == f"A backup was requested by {PEER} on the screen: before lunch"
    id_ = str(home.event("backup.made").body["id"])
    home.ask(RollbackRequest([id_], PEER, "it got worse", via="screen"))
    assert home.event("rollback.started").body["by"] == f"{PEER} on the screen"
    incident = home.paths.incidents.read_text("utf-8")
    assert f"- Requested by: {PEER} on the screen\n- Observed: it got worse (" in incident
    home.ask(StopRequest(via="screen"))
    assert daemon.wait(10) == 0
    record = home.status().daemon
    assert record is not None and record.stop_reason == f"stop by {PEER} on the screen"
