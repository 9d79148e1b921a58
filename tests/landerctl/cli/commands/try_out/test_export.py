"""`landerctl export`: what is refused before anything heavy starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from landerctl.cli.app import run as execute
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from tests.landerctl.operator_side import make_checkpoint, make_run


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder with one checkpoint; the current folder holds `old.c` and `card.c.md`."""
    home = tmp_path / "home"
    home.mkdir()
    make_checkpoint(make_run(home), 50_000)
    monkeypatch.setenv("LANDERCTL_HOME", str(home))
    monkeypatch.chdir(tmp_path)
    for name in ("old.c", "card.c.md"):
        Path(name).write_text("kept")
    return tmp_path


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("", Exit.USAGE, "FILE is missing"),
        ("best", Exit.USAGE, r"best: its suffix names no format; --format: onnx \(\.onnx\)"),
        ("newest lander.c --format onxn", Exit.USAGE, "no such format; did you mean 'onnx'"),
        ("newest old.c", Exit.CANNOT_WRITE, "old.c: exists; replace it with --force"),
        ("newest card.c", Exit.CANNOT_WRITE, "card.c.md: exists; replace it with --force"),
        ("newest home --format c --force", Exit.CANNOT_WRITE, "home: is not a plain file"),
        ("newest l\x07.c", Exit.USAGE, "has unprintable characters"),
        ("newest . --format c", Exit.CANNOT_WRITE, r"\.: is not a plain file"),
        ("newest / --format c", Exit.CANNOT_WRITE, "/: is not a plain file"),
        ("newest no-such/lander.c", Exit.CANNOT_WRITE, "no such folder no-such"),
        ("reference lander.c", Exit.USAGE, "has no network to export"),
        ("newst lander.c", Exit.NOT_FOUND, "did you mean 'newest'"),
        ("lander.c", Exit.NOT_FOUND, "no whole state can be the best"),
    ],
)
def test_each_mistake_is_one_line(folder: Path, line: str, code: int, said: str) -> None:
    with pytest.raises(Failure, match=said) as caught:
        execute(["export", *line.split()])
    assert caught.value.code == code
    assert "\n" not in str(caught.value)
    assert sorted(path.name for path in folder.iterdir()) == ["card.c.md", "home", "old.c"]


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = "landerctl.cli.commands.try_out.export.find_spec"
    monkeypatch.setattr(found, lambda _: None)
    with pytest.raises(Failure, match=r"needs packages .* pip install 'landerctl\[export\]'"):
        execute(["export", "newest", "lander.onnx"])
