"""`landerctl plot`: real files from a real store and evaluation, or what is missing."""

from __future__ import annotations

import re
import subprocess
import time
import xml.etree.ElementTree as ET
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from daemon.base.paths import RunPaths, StatePaths
from daemon.config import load_config
from daemon.runs.creation import create_run
from daemon.store.records import Body
from daemon.store.writer import StoreWriter
from landerctl.exitcodes import Exit
from landerctl.plots.report import draw_report
from tests.evaluation_samples import keep_evaluation, trajectories
from tests.landerctl.cli.test_app import complete
from tests.landerctl.operator_side import landerctl, make_run

PICTURES = ("training", "touchdown", "descent")
MIXED = ("landed", "landed", "hard_landing", "off_target", "crashed", "aborted", "timeout")


def plot(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return landerctl(home, "plot", *arguments, timeout_s=300.0)


def fill_store(home: Path, run: RunPaths) -> None:
    """Two stages, a gate tried and passed in the first."""
    began_s = time.time() - 1000.0
    with closing(StoreWriter.open(StatePaths(home).store)) as writer:
        writer.add_session(began_s, run.id)
        writer.add_event("trainer.started", "", time_s=began_s, run_id=run.id, body={"pid": 1})
        for k in range(1, 41):
            values = {
                "curriculum/current_stage": 1.0 if k <= 25 else 2.0,
                "episode/success_rate_100": k / 40,
                "rollout/success_rate": k / 41,
                "rollout/ep_rew_mean": 30.0 * k - 500.0,
                "curriculum/reward_100": 29.0 * k - 500.0,
                "time/trained_s": 20.0 * k,
            }
            writer.add_samples(began_s + k, values, 16_384 * k)
        values = {"eval/success_rate": 0.45, "eval/mean_reward": 420.0}
        writer.add_samples(began_s + 20.5, values, 16_384 * 20)
        body: Body = {"stage": 1, "timesteps": 16_384 * 20}
        writer.add_event("stage.passed", "", time_s=began_s + 20.5, run_id=run.id, body=body)


def svg_texts(path: Path) -> str:
    """The texts of an SVG, from matplotlib's comments; raises if malformed."""
    content = path.read_bytes()
    assert ET.fromstring(content).tag.endswith("svg")
    return "\n".join(re.findall("<!-- (.*?) -->", content.decode()))


def test_all_pictures_as_png_and_svg(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    fill_store(tmp_path, run)
    keep_evaluation(run.evaluations, trajectories(MIXED))
    ended = plot(tmp_path)
    assert (ended.returncode, ended.stderr) == (Exit.OK, "")
    expected = [run.plots / f"{name}.{kind}" for name in PICTURES for kind in ("png", "svg")]
    assert [Path(line) for line in ended.stdout.splitlines()] == expected
    for path in expected[::2]:
        with Image.open(path) as image:
            image.load()
            assert image.format == "PNG"
            assert min(image.size) >= 1000
            assert len(image.getcolors(1 << 24) or []) > 100, "it is empty"
    training, touchdown, descent = (svg_texts(path) for path in expected[1::2])
    for title in ("Success rate", "Mean reward"):
        assert f"{title}; bold: of the last 100 episodes" in training
    for said in (run.id, "1 touchdown", "gate passed", "environment steps (millions)", "(min)"):
        assert said in training
    assert "000012-600000-gate, mean action" in touchdown
    for said in ("landed 2", "hard landing 1", "off target 1", "crashed 1", "20 m", "(m)"):
        assert said in touchdown
    assert "out of time" not in touchdown, "it never touched the ground"
    for said in ("reference field", "out of time 1", "aborted 1", "descent rate (m/s)"):
        assert said in descent


def test_the_same_data_give_the_same_file(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    keep_evaluation(run.evaluations, trajectories(("landed", "crashed")))
    for folder in ("one", "other"):
        assert plot(tmp_path, "--out", str(tmp_path / folder)).returncode == Exit.OK
    for name in ("touchdown.svg", "descent.png"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_small_misses_are_shown_closer_and_the_newest_evaluation_is_drawn(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    far = trajectories(("landed",) * 8, miss_m=15.0)
    keep_evaluation(run.evaluations, far, created_s=1e9)
    keep_evaluation(run.evaluations, trajectories(("landed",) * 8), "reference", created_s=2e9)
    ended = plot(tmp_path, "--format", "svg")
    assert ended.returncode == Exit.OK
    touchdown = svg_texts(run.plots / "touchdown.svg")
    assert "reference pilot" in touchdown
    assert "Closer: half within 1 m, 95% within 1 m" in touchdown
    assert not list(run.plots.glob("*.png"))
    assert ended.stderr == (
        f"landerctl: not drawn: {StatePaths(tmp_path).store}: no such store; `landerctl start` "
        "creates it\n"
    )


def test_the_evaluations_of_one_state(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    for created_s, pilot in enumerate(("000012-600000-gate", "70000-steps", "reference"), 1):
        landed = trajectories(("landed",) * created_s)
        keep_evaluation(run.evaluations, landed, pilot, created_s=float(created_s))
    config = load_config(None).config

    def drawn(state: str) -> str:
        draw_report(tmp_path / "no.db", run, config, tmp_path, ["svg"], state=state)
        return svg_texts(tmp_path / "touchdown.svg")

    assert "000012-600000-gate, mean action" in drawn("000012-600000-gate")
    assert "70000-steps, mean action" in drawn("000003-70000-best")
    assert "reference pilot" in drawn("reference")
    report = draw_report(tmp_path / "no.db", run, config, tmp_path, ["svg"], state="000001-1-gate")
    assert report.written == []
    assert f"`landerctl evaluate {run.id}/000001-1-gate` creates one" in report.missing[-1]


def test_another_run_than_the_current_one(tmp_path: Path) -> None:
    make_run(tmp_path)
    other = create_run(StatePaths(tmp_path), load_config(None).config, created_s=1e9)
    fill_store(tmp_path, other)
    ended = plot(tmp_path, "--run", other.id, "--out", str(tmp_path / "out"))
    assert ended.returncode == Exit.OK
    assert other.id in svg_texts(tmp_path / "out" / "training.svg")
    assert ended.stderr == (
        f"landerctl: not drawn: {other.id}: no evaluation yet; "
        f"`landerctl evaluate {other.id}` creates one\n"
    )
    assert complete(tmp_path, "landerctl plot --run 2001") == [other.id]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no run to draw; `landerctl start` creates one"),
        (["--run", "20010909-014640-x"], "--run 20010909-014640-x: no such run in "),
        (["--run", "../elsewhere"], "--run ..: no such run in "),
    ],
)
def test_no_run(tmp_path: Path, arguments: list[str], said: str) -> None:
    ended = plot(tmp_path, *arguments)
    assert (ended.returncode, ended.stdout) == (Exit.NOT_FOUND, "")
    assert said in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_nothing_to_draw_is_one_line_with_the_ways_to_get_it(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    StoreWriter.open(StatePaths(tmp_path).store).close()
    ended = plot(tmp_path)
    assert ended.returncode == Exit.NOT_FOUND
    assert ended.stderr == (
        f"landerctl: {run.id}: the store has no samples of it yet; "
        "train it with `landerctl start`; "
        f"{run.id}: no evaluation yet; `landerctl evaluate {run.id}` creates one\n"
    )


def test_damaged_evaluations_are_reported(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    fill_store(tmp_path, run)
    kept = keep_evaluation(run.evaluations, trajectories(("landed", "crashed")))
    kept.trajectories.write_bytes(kept.trajectories.read_bytes()[:500])
    torn = plot(tmp_path, "--format", "svg")
    assert torn.returncode == Exit.OK
    assert str(kept.trajectories) in torn.stderr
    assert torn.stderr.count("\n") == 1
    kept.path.write_text("{}", encoding="utf-8")
    unread = plot(tmp_path, "--format", "svg")
    assert f"{kept.path}: cannot be read" in unread.stderr


def test_an_evaluation_that_never_touched_the_ground(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    keep_evaluation(run.evaluations, trajectories(("aborted", "timeout")))
    ended = plot(tmp_path, "--format", "svg")
    assert [Path(line).name for line in ended.stdout.splitlines()] == ["descent.svg"]
    assert "no episode of this evaluation touched the ground" in ended.stderr


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    keep_evaluation(run.evaluations, trajectories(("landed",)))
    (tmp_path / "file").write_bytes(b"")
    ended = plot(tmp_path, "--out", str(tmp_path / "file" / "plots"))
    assert ended.returncode == Exit.CANNOT_WRITE
    assert ended.stderr.count("\n") == 1
