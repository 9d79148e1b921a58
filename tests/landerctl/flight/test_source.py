"""Reports of a flight process, and of processes that fail."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import pytest

from daemon.base.exitcodes import TrainerExit
from daemon.protocol.flight import FlightFailed, FlightReport, encode_flight_line, flight_decoder
from env.state.telemetry import Telemetry
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.flight.source import FlightReports
from tests.landerctl.flight.flight_samples import ABORTED, BEGAN, LANDED, sample
from tests.waiting import eventually

PATIENCE_S = 20.0


@contextmanager
def speaking(script: str, log: Path) -> Iterator[FlightReports]:
    """The reports of a Python script."""
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=errors
        ) as process,
    ):
        yield FlightReports(process, errors, log)
        process.kill()


def writing(*reports: FlightReport, then: str = "") -> str:
    line = b"".join(encode_flight_line(report) for report in reports)
    return f"import os, sys, time\nos.write(1, {line!r})\n{then}"


@pytest.mark.parametrize("report", [BEGAN, sample(), LANDED, ABORTED, FlightFailed("why")])
def test_reports_survive_the_line(report: FlightReport) -> None:
    line = encode_flight_line(report)
    assert line.count(b"\n") == 1
    assert flight_decoder.decode(line) == report


def test_a_sample_has_the_fields_of_telemetry() -> None:
    assert list(sample().__struct_fields__) == [field.name for field in fields(Telemetry)]


def test_reports_come_in_order_however_the_pipe_cuts_them(tmp_path: Path) -> None:
    whole = b"".join(encode_flight_line(report) for report in (BEGAN, sample(), LANDED))
    script = (
        f"import os\nfor at in range(0, {len(whole)}, 700): os.write(1, {whole!r}[at:at + 700])"
    )
    with speaking(script, tmp_path / "log") as reports:
        assert [reports.next(PATIENCE_S) for _ in range(3)] == [BEGAN, sample(), LANDED]


def test_no_output_gives_no_report(tmp_path: Path) -> None:
    with speaking("import time; time.sleep(60)", tmp_path / "log") as reports:
        assert reports.next(0.01) is None


def failure(script: str, log: Path) -> Failure:
    with speaking(script, log) as reports, pytest.raises(Failure) as failed:
        reports.next(PATIENCE_S)
    return failed.value


def test_a_refusal_keeps_its_text(tmp_path: Path) -> None:
    unusable = writing(FlightFailed("stage 9:\nno such"), then=f"sys.exit({TrainerExit.CONFIG:d})")
    reported = failure(unusable, tmp_path / "log")
    assert (reported.text, reported.code) == ("stage 9: no such", Exit.CONFIG)
    assert (
        failure(writing(FlightFailed("x"), then="sys.exit(1)"), tmp_path / "log").code
        is Exit.FAILED
    )


def test_a_crash_is_one_line_and_its_traceback_goes_to_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    reported = failure("raise ValueError('the sky fell')", log)
    assert reported.text == (
        "the flight's process exited before the end of the flight (exit code 1): "
        f"ValueError: the sky fell; the traceback is in {log}"
    )
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_a_kill_and_a_silent_exit_are_distinguished(tmp_path: Path) -> None:
    killed = failure("import os; os.kill(os.getpid(), 9)", tmp_path / "log")
    assert (
        killed.text
        == "the flight's process exited before the end of the flight (killed by SIGKILL)"
    )
    assert "(exit code 3)" in failure("raise SystemExit(3)", tmp_path / "log").text


def test_an_invalid_report_is_an_error(tmp_path: Path) -> None:
    assert "invalid report" in failure("print('BSK_WARNING: hello')", tmp_path / "log").text


def test_the_process_ends_with_the_one_that_shows_it(tmp_path: Path) -> None:
    shows = (
        "import sys; from pathlib import Path; from landerctl.flight.source import flight_process\n"
        "with flight_process(['--stage', '1', '--seed', '7'], Path(sys.argv[1])) as reports:\n"
        "    print(reports._process.pid, flush=True)\n"
        "    while True: reports.next(1.0)\n"
    )
    command = [sys.executable, "-c", shows, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    eventually(lambda: _has_ended(pid), "the flight's process ends")


def _has_ended(pid: int) -> bool:
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True
