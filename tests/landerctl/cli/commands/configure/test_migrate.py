"""`config migrate` writes only when asked, keeps the old file, and shows no secret."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from landerctl.cli.app import run
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.configuring.replace import difference
from tests.daemon.config.migration.test_migrate import NEW, OLD

SECRET = '[[notify.targets]]\nname = "a"\nurl = "ntfy://user:hunter22@host"\n'


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LANDERCTL_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    found = tmp_path / "config.toml"
    found.write_text(OLD)
    found.chmod(0o640)
    return found


def test_it_shows_the_difference_and_writes_nothing(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["config", "migrate"]) == Exit.OK
    shown = capsys.readouterr()
    assert "-target_kl = 0.03 # stops early\n" in shown.out
    assert "+offsite_delay_s = 1_800.0   # seconds\n" in shown.out
    assert "line 13: ppo.target_kl: removed" in shown.err
    assert file.read_text() == OLD
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]


def test_it_writes_and_keeps_each_old_file(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "migrate", str(file), "--write"]) == Exit.OK
    copy = file.with_name("config.toml.bak")
    assert "the old one is" in capsys.readouterr().out
    assert (file.read_text(), copy.read_text()) == (NEW, OLD)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert run(["config", "migrate", "--write"]) == Exit.OK
    assert "nothing to change" in capsys.readouterr().out
    file.write_text("[ppo]\ntarget_kl = 0.1\n")
    assert run(["config", "migrate", "--write", "--json"]) == Exit.OK
    report = json.loads(capsys.readouterr().out)
    assert report["written"]
    assert report["copy"] == str(file.with_name("config.toml.bak.2"))
    assert copy.read_text() == OLD


def test_what_is_left_is_named_and_the_code_says_so(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(SECRET + "[sac]\ngradient_steps = -1\n[ppo]\ntarget_kl = 0.1\n")
    with pytest.raises(Failure, match="1 fault left") as raised:
        run(["config", "migrate", "--json"])
    assert raised.value.code == Exit.CONFIG
    shown = capsys.readouterr().out
    report = json.loads(shown)
    assert "line 5: sac.gradient_steps" in report["undecided"][0]
    assert "hunter22" not in shown


def test_no_line_of_a_target_is_in_a_difference(tmp_path: Path) -> None:
    """Not even one that only stands elsewhere; a short secret is not known by its value."""
    targets = '[[notify.targets]]\nname = "a"\ncommand = [\n  "send",\n  "s3cr",\n]\n'
    before, after = f"[tui]\nbell = true\n{targets}", f"{targets}[tui]\nbell = true\n"
    for pair in ((before, after), (after, before), (targets, ""), ("", targets)):
        shown = difference(tmp_path, *pair)
        assert "s3cr" not in shown
        assert shown.count("\n") > 2
    assert "-(hidden)\n" in difference(tmp_path, targets, "")


def test_a_link_stays_one(file: Path) -> None:
    link = file.with_name("link.toml")
    link.symlink_to(file)
    assert run(["config", "migrate", str(link), "--write"]) == Exit.OK
    assert link.is_symlink()
    assert file.read_text() == NEW


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        (None, Exit.NOT_FOUND, "no configuration file is in use"),
        ("[a", Exit.CONFIG, "is not valid TOML"),
    ],
)
def test_no_file_and_no_toml(file: Path, text: str | None, code: Exit, says: str) -> None:
    if text is None:
        file.unlink()
    else:
        file.write_text(text)
    with pytest.raises(Failure, match=says) as raised:
        run(["config", "migrate"])
    assert raised.value.code == code
