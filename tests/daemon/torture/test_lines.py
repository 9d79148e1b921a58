"""Lines of any content from clients and from the trainer do not stop a real supervisor."""

from __future__ import annotations

import random
import socket
from contextlib import suppress

import msgspec
import psutil

from daemon.base.malformed import MALFORMED
from daemon.protocol.control import (
    MAX_REQUEST_BYTES,
    AcknowledgeRequest,
    Answer,
    BackupRequest,
    CheckRanRequest,
    Done,
    Note,
    PingRequest,
    Request,
    RollbackRequest,
    RunRemovedRequest,
    SendReviewRequest,
    SilenceRequest,
    StopRequest,
    TestNotifyRequest,
    answer_decoder,
    request_decoder,
)
from daemon.protocol.trainer import (
    CheckpointSaved,
    EpisodesEnded,
    EventReport,
    Failed,
    Hello,
    Metrics,
    OutcomeCount,
    Phase,
    encode_line,
)
from daemon.store.reader import StoreReader
from tests.daemon.harness import Home
from tests.daemon.store.test_episodes import FAILED
from tests.daemon.torture.mutation import INPUTS, generator, mutated
from tests.status_samples import progress, startup
from tests.waiting import PATIENCE_S, eventually

REQUESTS = [
    msgspec.json.encode(request) + b"\n"
    for request in (
        PingRequest(),
        StopRequest(),
        BackupRequest("by hand", pinned=True),
        RollbackRequest(["000001-1000-interval"], "me"),
        AcknowledgeRequest("disk-low", "me", "seen"),
        SilenceRequest("disk-*", 60.0, "me"),
        TestNotifyRequest(),
        CheckRanRequest("fuel", "raised"),
        SendReviewRequest("daily", "daily review"),
        RunRemovedRequest("20250101-000000-demo-ppo-0000", "first", 1000, 2),
    )
]
REPORTS = [
    encode_line(report)
    for report in (
        Hello(1, "run", {"torch": "2"}, "000001-1000-interval", 1000),
        Phase("saving", "interval checkpoint"),
        startup(),
        progress(1.7e9),
        Metrics(1.7e9, 1000, {"train/loss": 0.1, "time/fps": 1e3}, ["train/value_loss"]),
        EpisodesEnded(1.7e9, [OutcomeCount(1, "crashed", 7)], [FAILED]),
        CheckpointSaved("000001-1000-interval", "interval", 1000, 1, 12345, 0.1),
        EventReport("stage.passed", "info", "passed", {"stage": 1, "success_rate": 0.5}),
        Failed("no more"),
    )
]


def is_harmless(message: bytes) -> bool:
    """Whether it is not a valid request that stops the daemon or the trainer."""
    try:
        request: Request = request_decoder.decode(message.partition(b"\n")[0])
    except MALFORMED:
        return True
    return not isinstance(request, StopRequest | RollbackRequest)


def send(home: Home, message: bytes, draw: random.Random) -> list[Answer]:
    """The answers to a message, sent in one or two pieces; the client may hang up early."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE_S)
        client.connect(str(home.paths.socket))
        goes = draw.random() < 0.2
        cut = draw.randrange(len(message) + 1)
        with suppress(BrokenPipeError):  # answered and closed before all was sent
            client.sendall(message[:cut])
            if goes and draw.random() < 0.5:
                return []
            client.sendall(message[cut:])
            client.shutdown(socket.SHUT_WR)
        if goes:
            return []
        heard = b""
        with suppress(ConnectionResetError):  # unread data
            while chunk := client.recv(65536):
                heard += chunk
    return [answer_decoder.decode(line) for line in heard.splitlines()]


def test_any_message_is_answered_in_one_line_without_side_effects(home: Home) -> None:
    draw = generator("control")
    daemon = psutil.Process(home.started("--interval", "50").pid)
    home.trainer_state("RUNNING")
    samples = [*REQUESTS, b"x" * (MAX_REQUEST_BYTES + 1) + b"\n", b'{"type":"ping"' * 20_000]

    def ask(count: int) -> None:
        for _ in range(count):
            message = mutated(draw, samples)
            if not is_harmless(message):
                continue
            answers = send(home, message, draw)
            assert all(isinstance(answer, Note) for answer in answers[:-1])
            assert not answers or not isinstance(answers[-1], Note)
            assert all(answer.text.isprintable() for answer in answers)

    ask(INPUTS // 10)
    memory, descriptors = daemon.memory_info().rss, daemon.num_fds()
    waiting = [socket.socket(socket.AF_UNIX) for _ in range(50)]
    for client in waiting:
        client.connect(str(home.paths.socket))
        client.sendall(b'{"type":')
    ask(INPUTS)
    for client in waiting:
        client.close()
    [alive] = home.ask(PingRequest())
    assert isinstance(alive, Done) and alive.data["trainer"] == "RUNNING"
    eventually(lambda: daemon.num_fds() <= descriptors, f"back to {descriptors} descriptors")
    grown = daemon.memory_info().rss - memory
    print(f"{grown / 1e6:.1f} MB grown, {daemon.memory_info().rss / 1e6:.1f} MB in all")
    assert grown < 10e6
    trained = home.status().progress
    assert trained is not None
    eventually(
        lambda: (now := home.status().progress) and now.timesteps > trained.timesteps, "it trains"
    )
    assert not home.events("trainer.crashed")
    log = (home.paths.home / "supervisor.log").read_text("utf-8")
    assert "Traceback" not in log, log[log.index("Traceback") :][:3000]
    home.stop(home.daemons[0])


def test_the_supervisor_keeps_recording_whatever_the_trainer_sends(home: Home) -> None:
    draw = generator("reports")
    lines = [mutated(draw, REPORTS) + draw.choice((b"", b"\n")) for _ in range(INPUTS)]
    said = home.paths.home / "said"
    said.write_bytes(b"".join(lines) + b"\n")
    daemon = home.started("--send", str(said))

    def best() -> bool:
        return any(event.body["kind"] == "best" for event in home.events("checkpoint.saved"))

    eventually(best, "all is read", patience_s=PATIENCE_S + INPUTS / 50)
    (started,) = home.events("trainer.started")
    status = home.trainer_state("RUNNING")
    assert status.trainer is not None and status.trainer.pid == started.body["pid"]
    assert home.events("trainer.protocol")
    eventually(lambda: (p := home.status().progress) and p.time_s > 1.75e9, "it trains on")
    home.stop(daemon)
    log = (home.paths.home / "supervisor.log").read_text("utf-8")
    assert "records were lost" not in log and "cannot hold" not in log
    with StoreReader.open(home.paths.store) as reader:
        assert reader.events(limit=10 * INPUTS)
        for name in reader.sample_names():
            reader.series(name)
