"""`config edit` on a real terminal, with an editor that replaces the file by prepared texts."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from landerctl.cli.commands.configure.edit import editor_of
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from tests.landerctl.operator_side import SCRIPT, environment, landerctl, lock_held

OLD = "# Mine.\n[ppo]\ngamma = 0.9\n"
HOT = OLD + "\n[notify]\ntimeout_s = 5.0\n\n[backup]\nkeep_days = 3.0\n"
FAULTY = "[ppo]\ngama = 0.9\n\n[run]\nn_envs = 0\n"
EDITOR = """#!/bin/sh
{also}
n=$(($(cat "$0.count") + 1))
echo $n >"$0.count"
cp "$1" "$0.$n.seen"
[ -e "$0.$n" ] || exit 0
cp "$0.$n" "$1"
"""


@dataclass(frozen=True)
class Ended:
    code: int
    shown: str


@dataclass(frozen=True)
class Desk:
    """A state folder, and an editor that leaves these texts, one after the other."""

    home: Path
    editor: Path

    @property
    def file(self) -> Path:
        return self.home / "config.toml"

    def edit(self, *texts: str, answers: str = "", also: str = "") -> Ended:
        """`also`: what else the editor does."""
        self.editor.write_text(EDITOR.format(also=also))
        self.editor.chmod(0o755)
        Path(f"{self.editor}.count").write_text("0")
        for number, text in enumerate(texts, 1):
            Path(f"{self.editor}.{number}").write_text(text)
        ours, theirs = pty.openpty()
        os.write(ours, answers.encode())
        with subprocess.Popen(
            [SCRIPT, "config", "edit"],
            env=environment(self.home, VISUAL=str(self.editor), TERM="xterm"),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        ) as process:
            os.close(theirs)
            shown = b"".join(chunks(ours))
            code = process.wait(60)
        os.close(ours)
        return Ended(code, shown.decode().replace("\r\n", "\n"))

    def seen(self, number: int) -> str:
        """What the editor was given."""
        return Path(f"{self.editor}.{number}.seen").read_text()

    def leftovers(self) -> list[str]:
        return [path.name for path in self.home.iterdir() if path.name.startswith(".tmp")]


def chunks(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            yield os.read(terminal, 65536)
        except OSError:  # the other side is closed
            return


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    home = tmp_path / "state"
    home.mkdir(mode=0o700)
    return Desk(home, tmp_path / "editor")


def test_a_change_is_written_and_says_when_it_counts(desk: Desk) -> None:
    desk.file.write_text(OLD)
    desk.file.chmod(0o640)
    ended = desk.edit(HOT)
    assert ended.code == Exit.OK, ended.shown
    assert desk.file.read_text() == HOT
    assert stat.S_IMODE(desk.file.stat().st_mode) == 0o640
    assert "[notify] [backup]: from the next `landerctl start`\n" in ended.shown
    assert "[ppo]" not in ended.shown
    assert desk.leftovers() == []


def test_with_a_daemon_hot_sections_count_now(desk: Desk) -> None:
    desk.file.write_text(OLD)
    with lock_held(desk.home):
        ended = desk.edit(HOT.replace("0.9", "0.95"))
    assert "[notify]: the running daemon takes it up now\n" in ended.shown
    assert "[backup]: from the next `landerctl start`, after `landerctl stop`\n" in ended.shown
    assert "[ppo]: only in new runs" in ended.shown


def test_all_faults_are_shown_and_edited_again(desk: Desk) -> None:
    desk.file.write_text(OLD)
    ended = desk.edit(FAULTY, HOT, answers="x\ne\n")
    assert ended.code == Exit.OK, ended.shown
    assert "line 2: unknown key ppo.gama" in ended.shown
    assert "line 5: run.n_envs = 0" in ended.shown
    assert "config.toml has 2 faults" in ended.shown
    assert "x: not an answer" in ended.shown
    assert desk.seen(2) == FAULTY
    assert desk.file.read_text() == HOT


def test_a_faulty_text_can_be_discarded_or_kept(desk: Desk) -> None:
    desk.file.write_text(OLD)
    assert "not changed" in desk.edit(FAULTY, answers="discard\n").shown
    assert desk.file.read_text() == OLD
    kept = desk.edit(FAULTY, answers="k\n")
    assert kept.code == Exit.OK
    assert "`landerctl start` refuses it" in kept.shown
    assert desk.file.read_text() == FAULTY
    assert desk.leftovers() == []


def test_no_answer_loses_no_text(desk: Desk) -> None:
    desk.file.write_text(OLD)
    ended = desk.edit(FAULTY, answers="\x04")
    assert ended.code == Exit.FAILED
    (copy,) = desk.leftovers()
    assert f"your text is in {desk.home / copy}" in ended.shown
    assert (desk.home / copy).read_text() == FAULTY
    assert desk.file.read_text() == OLD


def test_without_a_file_one_is_begun_with_the_schema_beside_it(desk: Desk) -> None:
    assert "not changed" in desk.edit().shown
    assert not desk.file.exists()
    ended = desk.edit(desk.seen(1) + "\n[ppo]\ngamma = 0.9\n")
    assert "created" in ended.shown
    assert stat.S_IMODE(desk.file.stat().st_mode) == 0o600
    assert desk.file.read_text().startswith("#:schema ./config.schema.json\n")
    schema = json.loads((desk.home / "config.schema.json").read_text())
    assert "ppo" in schema["properties"]


def test_no_secret_is_shown(desk: Desk) -> None:
    text = '[[notify.targets]]\nname = "a"\nurl = "ntfy://user:hunter22@host"\nkind = "hunter22"\n'
    ended = desk.edit(text, answers="k\n")
    assert "line 4: unknown key notify.targets" in ended.shown
    assert "hunter22" not in ended.shown


def test_a_file_that_changed_meanwhile_is_not_overwritten(desk: Desk) -> None:
    desk.file.write_text(OLD)
    ended = desk.edit(HOT, also='echo "# theirs" >"$(dirname "$1")/config.toml"')
    assert ended.code == Exit.FAILED
    assert "changed while you edited" in ended.shown
    assert desk.file.read_text() == "# theirs\n"
    assert len(desk.leftovers()) == 1


@pytest.mark.parametrize(
    ("named", "says"), [("/no/such --wait", "/no/such --wait: no such program"), ("'", "no such")]
)
def test_an_editor_that_is_not_there(desk: Desk, named: str, says: str) -> None:
    with pytest.raises(Failure, match=says):
        editor_of({"EDITOR": named})
    assert editor_of({"VISUAL": "sh -e", "EDITOR": named}) == ["sh", "-e"]


def test_an_editor_that_fails_changes_nothing(desk: Desk) -> None:
    desk.file.write_text(OLD)
    ended = desk.edit(HOT, also="exit 3")
    assert ended.code == Exit.FAILED
    assert "exit code 3; nothing was changed" in ended.shown
    assert desk.file.read_text() == OLD
    assert desk.leftovers() == []


def test_it_needs_a_terminal(desk: Desk) -> None:
    without = landerctl(desk.home, "config", "edit")
    assert without.returncode == Exit.USAGE
    assert "needs a terminal" in without.stderr
