"""`tui --plain`: the dashboard's facts as lines."""

from __future__ import annotations

import subprocess
import time

from landerctl.exitcodes import Exit
from landerctl.tui.data.reader import SnapshotReader
from landerctl.tui.plain import changes, sections, shape, spoken
from tests.landerctl.operator_side import SCRIPT, environment, landerctl
from tests.landerctl.tui.state_folder import StateFolder


def test_it_prints_what_the_dashboard_shows_without_drawings(folder: StateFolder) -> None:
    folder.everything()
    folder.writer.put_alerts([folder.alert()])
    folder.hold_lock()
    ended = landerctl(folder.paths.home, "tui", "--plain")
    assert ended.returncode == Exit.OK
    headings = [line for line in ended.stdout.splitlines() if line.endswith(":") and line[0] != " "]
    assert headings == [
        "State:",
        "Curriculum:",
        "Speed and machine:",
        "Alerts:",
        "Plots:",
        "Checkpoints and backups, the newest first:",
        "Events, the newest last:",
    ]
    for words in (
        "daemon up, trainer RUNNING learning",
        "done, 1 touchdown, passed at 4.96M steps",
        "current, 3 terminal descent",
        "later, 4 braking",
        "Disk, 212 GB free",
        "critical, CRITICAL disk-low, firing for",
        "Success rate, last 100 episodes, 47%",
        "checkpoint 000026-13000000-interval, copies run, stage 3",
        "speed-low: 430 steps/s, below 500",
    ):
        assert words in ended.stdout
    assert ended.stdout.replace("\n", "").isascii()


def test_only_what_is_new_is_announced(folder: StateFolder) -> None:
    folder.everything()
    folder.hold_lock()
    reader = SnapshotReader(folder.paths, (), now=time.time, monotonic=time.monotonic)
    before = sections(reader.read())
    folder.progress(success_rate=0.48, timesteps=13_500_000, eta_s=59.0)
    assert list(changes(before, sections(reader.read()))) == []
    folder.checkpoint(27, 13_500_000, stage=3)
    folder.writer.put_alerts([folder.alert()])
    folder.writer.add_event("trainer.hung", "No heartbeat", time_s=time.time())
    said = list(changes(before, sections(reader.read())))
    assert [line.split()[0] for line in said] == ["Alerts:", "Alerts:", "Checkpoints", "Events:"]
    assert "checkpoint 000027-13500000-interval" in said[2]
    assert said[3].endswith("critical, CRITICAL: No heartbeat") or "No heartbeat" in said[3]


def test_enter_reads_it_again_and_q_leaves(folder: StateFolder) -> None:
    folder.everything()
    process = subprocess.run(
        [SCRIPT, "tui", "--plain"],
        env=environment(folder.paths.home),
        input=b"\nq\n",
        capture_output=True,
        check=False,
    )
    assert process.returncode == Exit.OK
    assert process.stdout.decode().count("\nCurriculum:\n") == 2


def test_lines_for_the_ear() -> None:
    assert spoken("✓ 1 hover      passed at 2.1M steps") == "done, 1 hover, passed at 2.1M steps"
    assert spoken("Reward  ━━━┃──── 430 of 900") == "Reward, 430 of 900"
    assert shape("data 59 s old") == shape("data 2 min old") == shape("data 1 h 05 min old")
    assert shape("▼ below 500") != shape("✓ 500 to 900")
