"""Notices of a real supervisor to real targets: a command, and a web server by apprise."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest

from daemon.config import load_config
from daemon.notify.outbox import Waiting
from daemon.protocol.control import (
    AcknowledgeRequest,
    Done,
    Refused,
    SilenceRequest,
    TestNotifyRequest,
)
from daemon.store.async_recorder import Recorder
from daemon.store.records import AlertRecord, Notice
from daemon.store.writer import StoreWriter
from daemon.supervisor.aio.clock import Instant
from daemon.supervisor.alerting.notifier import Notifier
from tests.daemon.harness import SPEED_LOW, Home, config_text
from tests.waiting import PATIENCE_S, eventually

GIVEN_UP = """
[[alerts]]
name = "training-given-up"
metric = "trainer/given_up"
comparison = "above"
threshold = 0.0
for_s = 0.0
severity = "critical"
summary = "See its log"
"""
SPEED_LOW_WITH_ACTION = SPEED_LOW + 'action = "{action}"\n'
SECRET = "c0ffee-token"


def command_target(path: Path) -> str:
    return f"""
[notify]
group_wait_s = 0.0
[[notify.targets]]
name = "file"
command = ["sh", "-c", "cat >> {path}; echo >> {path}"]
"""


def configure(home: Home, *parts: str) -> None:
    home.config.write_text(config_text().replace("alerts = []", "") + "".join(parts))


def messages(path: Path) -> list[dict[str, str]]:
    text = path.read_text("utf-8") if path.exists() else ""
    return [json.loads(line) for line in text.splitlines()]


def faults(home: Home, target: str | None = None) -> dict[str, object]:
    """What came of a test: the fault of each target."""
    answer = home.ask(TestNotifyRequest(target))[-1]
    assert isinstance(answer, Done), answer
    return dict(answer.data)


def firing(home: Home) -> list[AlertRecord]:
    return [alert for alert in home.status().alerts if alert.state == "firing"]


class Web:
    """A web server that keeps what it is sent, and can refuse it."""

    def __init__(self) -> None:
        self.received: list[dict[str, str]] = []
        self.refuses = False
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if not web.refuses:
                    web.received.append(json.loads(body))
                self.send_response(503 if web.refuses else 200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"json://user:{SECRET}@127.0.0.1:{self.server.server_port}/"
        self._thread = threading.Thread(target=self.server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()


@pytest.fixture
def web() -> Iterator[Web]:
    web = Web()
    yield web
    web.close()


def test_firing_and_resolved_are_notified_once_over_a_restart(home: Home, tmp_path: Path) -> None:
    received = tmp_path / "received"
    configure(home, GIVEN_UP, command_target(received))
    daemon = home.started("--exit-after", "0", "--exit-code", "78")
    home.event("notify.sent")
    home.stop(daemon)
    daemon = home.started("--exit-after", "0", "--exit-code", "78")
    home.event("trainer.fatal", 2)
    assert [alert.name for alert in firing(home)] == ["training-given-up"]
    home.stop(daemon)
    home.started()
    home.event("alert.resolved")
    eventually(lambda: len(messages(received)) == 2, "its end is received")
    first, last = messages(received)
    assert "CRITICAL training-given-up" in first["title"]
    assert "See its log" in first["body"]
    assert "RESOLVED training-given-up" in last["title"]
    assert len(home.events("alert.firing")) == 1


def test_a_delivery_under_way_is_finished_before_the_end(home: Home, tmp_path: Path) -> None:
    received, gate = tmp_path / "received", tmp_path / "gate"
    os.mkfifo(gate)
    target = command_target(received).replace("; echo", f"; read _ < {gate}; echo")
    configure(home, SPEED_LOW_WITH_ACTION.format(action="notify"), target)
    daemon = home.started()
    eventually(lambda: received.exists() and received.read_bytes(), "the delivery begins")
    daemon.send_signal(signal.SIGTERM)
    home.trainer_state("STOPPED")
    go_on = os.open(gate, os.O_WRONLY | os.O_NONBLOCK)  # an error where nobody reads any more
    os.write(go_on, b"go on\n")
    os.close(go_on)
    assert daemon.wait(PATIENCE_S) == 0
    assert [notice.kind for notice in home.status().outbox] == ["resolved"]


def test_a_target_that_is_down_gets_notices_later_and_its_secret_stays_hidden(
    home: Home, tmp_path: Path, web: Web
) -> None:
    address = tmp_path / "address"
    address.write_text(web.url + "\n")
    address.chmod(0o600)
    web.refuses = True
    target = f'[[notify.targets]]\nname = "web"\nurl_file = "{address}"\n'
    configure(home, GIVEN_UP, "[notify]\ngroup_wait_s = 0.0\n", target)
    daemon = home.started("--exit-after", "0", "--exit-code", "78")
    failed = home.event("notify.failed")
    assert "Notification failed: web: " in failed.text
    assert [notice.alert for notice in home.status().outbox] == ["training-given-up"]
    home.stop(daemon)
    web.refuses = False
    home.started("--exit-after", "0", "--exit-code", "78")
    home.event("notify.sent")
    assert [message["title"].split("] ")[1] for message in web.received] == [
        "CRITICAL training-given-up"
    ]
    assert eventually(lambda: home.status().outbox == [], "the outbox is empty")
    for path in home.paths.home.rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path


def test_a_target_that_hangs_delays_no_other(tmp_path: Path) -> None:
    received, begun, gate = tmp_path / "received", tmp_path / "begun", tmp_path / "gate"
    os.mkfifo(gate)
    targets = [
        {"name": "file", "command": ["sh", "-c", f"cat >> {received}; echo >> {received}"]},
        {"name": "hangs", "command": ["sh", "-c", f"echo >> {begun}; read _ < {gate}"]},
    ]
    # Longer than the test waits for anything.
    notify = {"targets": targets, "timeout_s": 10 * PATIENCE_S}
    settings = load_config(None, {"notify": notify}).config.notify

    async def until(probe: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not probe():
                await asyncio.sleep(0.01)

    def hung() -> str:
        return begun.read_text() if begun.exists() else ""

    def both(number: int, notifier: Notifier) -> bool:
        """Whether one got so many messages, and those for the other wait."""
        return bool(len(messages(received)) == notifier.waiting == number and hung())

    async def scenario() -> None:
        recorder = Recorder(StoreWriter.open(tmp_path / "store.db"), "run", lambda: 100.0)
        notifier = Notifier(settings, recorder=recorder, clock=lambda: Instant(100.0, 0.0))
        running = asyncio.create_task(notifier.run())
        for number in (1, 2, 3):
            notifier.put_urgent("home-lost", f"text {number}")
            await until(partial(both, number, notifier))
        assert hung() == "\n", "one message at a time"
        await asyncio.to_thread(gate.write_text, "go on\n")
        await until(lambda: hung() == "\n" * 2)  # what waited for it is one message
        await asyncio.to_thread(gate.write_text, "go on\n")
        await until(lambda: notifier.waiting == 0)
        await notifier.finish(running)
        await recorder.close()

    asyncio.run(scenario())


def test_a_queue_is_not_checked_before_it_is_due(tmp_path: Path) -> None:
    """A due notice behind a failed one must not cause a busy loop."""
    targets = [{"name": "down", "command": ["false"]}]
    settings = load_config(None, {"notify": {"targets": targets}}).config.notify
    looks = 0

    def clock() -> Instant:
        nonlocal looks
        looks += 1
        return Instant(100.0, 0.0)

    async def scenario() -> None:
        recorder = Recorder(StoreWriter.open(tmp_path / "store.db"), "run", lambda: 100.0)
        messenger = Notifier(settings, recorder=recorder, clock=clock)
        failed = Notice("down", "firing", "a", "critical", "text", 50.0, tries=1)
        new = Notice("down", "firing", "b", "critical", "text", 60.0)
        messenger.put([Waiting(failed, 50.0, 200.0), Waiting(new, 60.0, 70.0)])
        running = asyncio.create_task(messenger.run())
        for _ in range(1000):
            await asyncio.sleep(0.0)
        assert looks < 10
        await messenger.finish(running)
        await recorder.close()

    asyncio.run(scenario())


def test_an_address_file_that_cannot_be_read_is_named(home: Home, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff")
    (tmp_path / "binary").chmod(0o600)
    files = {"binary": f"{tmp_path}/binary", "nobody": "~nobody-of-this-name/file"}
    tables = [f'[[notify.targets]]\nname = "{n}"\nurl_file = "{f}"\n' for n, f in files.items()]
    home.config.write_text(config_text() + "".join(tables))
    home.started()
    assert faults(home) == {
        "binary": f"{tmp_path}/binary: is not UTF-8 text",
        "nobody": f"{home.paths.home}/~nobody-of-this-name/file: No such file or directory",
    }


def test_an_address_in_the_configuration_is_never_shown(home: Home, web: Web) -> None:
    configure(home, f'[[notify.targets]]\nname = "web"\nurl = "{web.url}"\nseverity = "info"\n')
    _, ready = home.start()
    assert not ready.ok
    assert "notify.targets" in (ready.error or "")
    assert SECRET not in (ready.error or "")


def test_a_test_says_what_became_of_it_at_each_target(home: Home, tmp_path: Path, web: Web) -> None:
    received = tmp_path / "received"
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = closed.getsockname()[1]
    leaves_one = "sleep 600 & echo 'no route' >&2; echo >&2; exit 3"
    others = {
        "web": f'url = "{web.url}"',
        "closed": f'url = "json://127.0.0.1:{nobody}/{SECRET}"',
        "pager": f'command = ["sh", "-c", "{leaves_one}"]',
        "missing": 'command = ["/no/such/program"]',
        "slow": 'command = ["sh", "-c", "sleep 600"]',
    }
    tables = [f'[[notify.targets]]\nname = "{name}"\n{how}\n' for name, how in others.items()]
    target = command_target(received).replace("[notify]", "[notify]\ntimeout_s = 8.0")
    home.config.write_text(config_text() + target + "".join(tables))  # without rules
    web.refuses = True
    home.started()
    assert faults(home) == {
        "file": None,
        "web": "the service answered HTTP 503 Service Unavailable",
        "closed": "Connection refused",
        "pager": "its command ended with 3: no route",
        "missing": "its command ended with 127: it cannot be started: No such file or directory",
        "slow": "no answer within 8 s",
    }
    assert "TEST" in messages(received)[0]["title"]
    web.refuses = False
    assert faults(home, "web") == {"web": None}
    assert "TEST" in web.received[0]["title"]
    assert home.status().outbox == []
    assert home.events("notify.failed", "notify.sent") == []
    assert len(home.events("notify.tested")) == 7
    assert isinstance(home.ask(TestNotifyRequest("phone"))[-1], Refused)


def test_a_hanging_command_ends_with_a_killed_supervisor(home: Home, tmp_path: Path) -> None:
    begun, gate = tmp_path / "begun", tmp_path / "gate"
    os.mkfifo(gate)
    target = command_target(begun).replace("cat >>", f"echo $$ > {begun}; read _ < {gate}; cat >>")
    configure(home, SPEED_LOW_WITH_ACTION.format(action="notify"), target)
    daemon = home.started()
    eventually(lambda: begun.exists() and begun.read_text().endswith("\n"), "it hangs")
    hanging = int(begun.read_text())
    daemon.kill()
    daemon.wait()
    try:
        eventually(lambda: not psutil.pid_exists(hanging), "it ends")
    finally:
        if psutil.pid_exists(hanging):
            os.kill(hanging, signal.SIGKILL)


def test_a_test_without_targets_is_refused(home: Home) -> None:
    home.started()
    answer = home.ask(TestNotifyRequest())[-1]
    assert isinstance(answer, Refused)
    assert "notify.targets is empty" in answer.text


def test_a_silence_delays_notices_and_an_acknowledgement_stays(home: Home, tmp_path: Path) -> None:
    received = tmp_path / "received"
    home.started()
    home.trainer_state("RUNNING")
    home.ask(SilenceRequest("speed-*", 3600.0, "me", "known"))
    configure(home, SPEED_LOW_WITH_ACTION.format(action="notify"), command_target(received))
    home.event("alert.firing")
    home.ask(TestNotifyRequest())
    eventually(lambda: messages(received), "the test arrives, and nothing else")
    assert "TEST" in messages(received)[0]["title"]
    home.ask(SilenceRequest("speed-*", 0.0, "me"))
    eventually(lambda: len(messages(received)) == 2, "it is received when the silence ends")
    assert isinstance(home.ask(AcknowledgeRequest("speed-low", "me", "on it"))[-1], Done)
    eventually(lambda: firing(home)[0].acknowledged, "it is acknowledged")
    assert isinstance(home.ask(AcknowledgeRequest("no-such", "me"))[-1], Refused)
    assert len(messages(received)) == 2


def test_a_rule_may_stop_the_training(home: Home) -> None:
    configure(home, SPEED_LOW_WITH_ACTION.format(action="stop"))
    daemon = home.started()
    home.trainer_state("STOPPED")
    assert home.event("alert.acted").body["action"] == "stop"
    assert [event.body["kind"] for event in home.events("checkpoint.saved")][-1:] == ["stop"]
    assert daemon.poll() is None
