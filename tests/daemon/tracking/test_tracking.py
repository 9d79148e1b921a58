"""Runs arrive at a real MLflow server whole and once, whatever dies meanwhile."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
import pytest

from daemon.base.paths import RunPaths, StatePaths
from daemon.config import load_config
from daemon.config.schema import TrackingSettings
from daemon.store.reader import StoreReader
from daemon.store.records import TrackingStatus
from daemon.store.writer import StoreWriter
from daemon.tracking.protocol import Assignment, Report, encode_line, report_decoder
from tests.daemon.faulty_link import FaultyLink, Link
from tests.daemon.harness import ROOT, Home, config_text
from tests.daemon.tracking.mlflow_server import MlflowServer
from tests.waiting import eventually

pytest.importorskip("mlflow", reason="mlflow is not installed: landerctl[tracking]")

PATIENCE_S = 120.0  # mlflow is imported by each process
SAMPLES = 1_100  # more than two batches
METRICS = "SELECT key, value, is_nan, timestamp, step FROM metrics JOIN runs USING (run_uuid)"
OF_THE_RUN = "WHERE lifecycle_stage = 'active' AND key NOT LIKE 'evaluation/%'"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    server = MlflowServer(tmp_path_factory.mktemp("mlflow"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def filled(paths: StatePaths, run: RunPaths) -> Iterator[StoreWriter]:
    """The store of a run that has trained."""
    writer = StoreWriter.open(paths.store)
    writer.add_session(1000.0, run.id)
    writer.add_event("trainer.started", "", time_s=1000.0, run_id=run.id)
    with writer.transaction():
        for number in range(SAMPLES):
            values = {"train/loss": math.nan if number == 3 else number / 3, "odd %": math.inf}
            writer.add_samples(1000.0 + number / 10, values, timesteps=128 * number)
    yield writer
    writer.close()


def settings(url: str, experiment: str, **changes: float) -> TrackingSettings:
    found = msgspec.structs.replace(
        load_config(None).config.tracking,
        enabled=True,
        mlflow_uri=url,
        experiment=experiment,
        interval_s=1.0,
    )
    return msgspec.structs.replace(found, **changes)


def process(run: RunPaths, tracking: TrackingSettings, **environ: str) -> subprocess.Popen[bytes]:
    """`python -m daemon.tracking` that sends a run once."""
    home = run.folder.parent.parent
    found = subprocess.Popen(
        [sys.executable, "-m", "daemon.tracking"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ | environ,
    )
    assert found.stdin is not None
    found.stdin.write(encode_line(Assignment(tracking, str(home), run.id, once=True)))
    found.stdin.flush()
    return found


def sent(run: RunPaths, tracking: TrackingSettings, **environ: str) -> Report:
    """The last report of a process that sends a run once."""
    with process(run, tracking, **environ) as found:
        assert found.stdout is not None
        lines = found.stdout.read().splitlines()
        assert found.wait() == 0
    return report_decoder.decode(lines[-1])


def stored(server: MlflowServer, experiment: str) -> list[tuple[object, ...]]:
    at = f"(SELECT experiment_id FROM experiments WHERE name = '{experiment}')"
    return sorted(server.rows(f"{METRICS} {OF_THE_RUN} AND experiment_id = {at}"))


def expected() -> list[tuple[object, ...]]:
    """Infinities are stored as the largest number, NaN by a mark."""
    times = [(round(1e3 * (1000.0 + number / 10)), 128 * number) for number in range(SAMPLES)]
    losses = [
        ("train/loss", 0.0 if number == 3 else number / 3, int(number == 3), *at)
        for number, at in enumerate(times)
    ]
    return sorted([*losses, *(("odd _", sys.float_info.max, 0, *at) for at in times)])


def test_a_sender_killed_after_a_batch_sends_nothing_twice_and_nothing_less(
    server: MlflowServer, run: RunPaths, filled: StoreWriter
) -> None:
    tracking = settings(server.url, "killed")
    with process(run, tracking) as first:
        assert first.stdout is not None
        assert report_decoder.decode(first.stdout.readline()).sent == 1000
        first.kill()
    cursor = run.tracking.read_bytes()
    assert len(stored(server, "killed")) >= 1000
    assert sent(run, tracking) == Report(server.url, sent=2 * SAMPLES)
    assert stored(server, "killed") == expected()
    # As if it had been killed before the cursor of its last batches was written.
    run.tracking.write_bytes(cursor)
    assert sent(run, tracking).problem == ""
    assert stored(server, "killed") == expected()
    assert server.rows("SELECT value FROM params WHERE key = 'ppo.gamma'") == [("0.99",)]
    assert {"config.json", "run.json"} <= server.artifacts()
    [(status, name)] = server.rows("SELECT status, name FROM runs")
    assert (status, name) == ("KILLED", msgspec.json.decode(run.metadata.read_bytes())["name"])


def test_a_run_that_the_server_lost_is_sent_again_whole(
    server: MlflowServer, run: RunPaths, filled: StoreWriter
) -> None:
    tracking = settings(server.url, "lost")
    assert sent(run, tracking).sent == 2 * SAMPLES
    at = msgspec.json.decode(run.tracking.read_bytes())["mlflow_run_id"]
    server.delete_run(at)
    assert stored(server, "lost") == []
    filled.add_samples(9000.0, {"odd %": 1.0})
    assert sent(run, tracking).problem == ""
    assert len(stored(server, "lost")) == 2 * SAMPLES + 1


def test_a_run_deleted_after_all_was_sent_is_noticed_by_its_status(
    server: MlflowServer, run: RunPaths, filled: StoreWriter
) -> None:
    tracking = settings(server.url, "ended")
    assert sent(run, tracking).sent == 2 * SAMPLES
    server.delete_run(msgspec.json.decode(run.tracking.read_bytes())["mlflow_run_id"])
    filled.add_event("run.completed", "", time_s=1200.0, run_id=run.id)
    assert sent(run, tracking).problem == ""
    assert len(stored(server, "ended")) == 2 * SAMPLES


def test_a_server_that_never_answers_is_named_in_time(
    server: MlflowServer, run: RunPaths, filled: StoreWriter
) -> None:
    link = FaultyLink(("127.0.0.1", server.port))
    link.become(Link(silent=True))
    report = sent(run, settings(link.address, "silent", timeout_s=1.0))
    link.close()
    assert (report.problem, report.behind) == ("it does not answer in time", 2 * SAMPLES)
    assert report.since_s == 1000.0


def test_credentials_are_shown_nowhere(run: RunPaths, filled: StoreWriter, tmp_path: Path) -> None:
    secret = tmp_path / "mlflow"
    secret.write_text("http://me:swordfish@127.0.0.1:9/\n")
    tracking = msgspec.structs.replace(settings("", "x"), mlflow_uri_file=str(secret))
    assert "chmod 600" in sent(run, tracking).problem
    secret.chmod(0o600)
    report = sent(run, tracking)
    assert report.problem == "it cannot be reached: Connection refused"
    assert report.server == "http://127.0.0.1:9"
    assert b"swordfish" not in run.tracking.read_bytes()


def test_without_mlflow_it_gives_up_and_names_the_extra(
    run: RunPaths, filled: StoreWriter, tmp_path: Path
) -> None:
    (tmp_path / "mlflow.py").write_text("raise ImportError\n")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    report = sent(run, settings("http://127.0.0.1:9", "x"), PYTHONPATH=path)
    assert report.for_good
    assert report.problem == "mlflow is not installed: `pip install 'landerctl[tracking]'`"


def tracker(home: Home) -> TrackingStatus:
    found = home.status().tracking
    assert found is not None
    return found


def test_a_supervisor_goes_on_while_server_and_sender_die(server: MlflowServer, home: Home) -> None:
    home.config.write_text(
        config_text(max_crashes=100)
        + f'[tracking]\nenabled = true\nmlflow_uri = "{server.url}"\nexperiment = "daemon"\n'
        "interval_s = 1.0\n"
    )
    daemon = home.started("--rollout-s", "0.2")
    eventually(lambda: stored(server, "daemon"), "samples arrive", PATIENCE_S)
    server.kill()
    failed = eventually(lambda: home.events("tracking.failed"), "it is recorded", PATIENCE_S)
    assert failed[0].body["error"] in {
        "it closed the connection",
        "it cannot be reached: Connection refused",
    }
    [child] = [
        one for one in psutil.Process(daemon.pid).children() if "daemon.tracking" in one.cmdline()
    ]
    child.send_signal(signal.SIGKILL)
    began = home.status().progress
    assert began is not None
    server.start()
    eventually(lambda: home.events("tracking.recovered"), "it recovers", PATIENCE_S)
    assert len(home.events("tracking.failed")) == 1
    now = home.status().progress
    assert now is not None and now.timesteps > began.timesteps
    eventually(lambda: tracker(home).problem is None, "the status says so", PATIENCE_S)
    home.stop(daemon)
    eventually(lambda: not child.is_running(), "the sender ends")
    # What it could not send within its few seconds at the end is sent later.
    last = sent(home.run, settings(server.url, "daemon"))
    [(status,)] = server.rows(
        "SELECT status FROM runs JOIN experiments USING (experiment_id) "
        "WHERE experiments.name = 'daemon'"
    )
    assert status == "KILLED"
    assert (last.problem, last.behind, last.lost) == ("", 0, 0)
    assert last.sent == len(stored(server, "daemon"))
    with StoreReader.open(home.paths.store) as store:
        names = store.sample_names()
        assert last.sent == sum(len(store.series(name)) for name in names)
