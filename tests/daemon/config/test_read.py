"""What is in place of a configuration file, and on which line a setting is."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.config import ConfigError, find_sources, load_config, load_sources
from daemon.config.read import lines_of, nearest


def a_link_to_nothing(path: Path) -> None:
    path.symlink_to(path.parent / "missing.toml")


def a_link_to_itself(path: Path) -> None:
    path.symlink_to(path)


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


PLACED: dict[str, tuple[Callable[[Path], object], str]] = {
    "folder": (Path.mkdir, "is a folder, not a file"),
    "pipe": (os.mkfifo, "is a pipe, not a file"),
    "socket": (a_socket, "is a socket, not a file"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "is a device, not a file"),
    "link to nothing": (a_link_to_nothing, "is a link to nothing"),
    "link to itself": (a_link_to_itself, "cannot be read: Too many levels of symbolic links"),
    "huge": (lambda path: path.write_bytes(b"#" * (1 << 21)), "has more than 1,048,576 bytes"),
    "Latin-1": (
        lambda path: path.write_bytes(b"# a\n# \xfc\n"),
        "is not UTF-8 text (line 2); save it as UTF-8",
    ),
    "UTF-16": (
        lambda path: path.write_bytes("[run]\n".encode("utf-16")),
        "is UTF-16 text; save it as UTF-8",
    ),
}


@pytest.mark.parametrize("placed", PLACED)
def test_what_is_in_place_of_the_file_is_named(tmp_path: Path, placed: str) -> None:
    """In the state folder too, where it would otherwise be taken for no file at all."""
    put, expected = PLACED[placed]
    file = tmp_path / "config.toml"
    put(file)
    found = find_sources((), tmp_path, {"XDG_CONFIG_HOME": str(tmp_path / "xdg")})
    with pytest.raises(ConfigError) as caught:
        load_sources(found)
    assert str(caught.value).startswith(f"{file}: {expected}")


@pytest.mark.parametrize("placed", ["folder", "pipe", "device"])
def test_a_named_file_is_found_whatever_it_is(tmp_path: Path, placed: str) -> None:
    put, expected = PLACED[placed]
    file = tmp_path / "mine.toml"
    put(file)
    with pytest.raises(ConfigError, match=expected):
        load_sources(find_sources([file], tmp_path, {}))


def test_a_name_that_cannot_be_looked_at_is_not_a_missing_file(tmp_path: Path) -> None:
    file = tmp_path / ("x" * 300)
    with pytest.raises(ConfigError, match="cannot be read: File name too long"):
        load_sources(find_sources([file], tmp_path, {}))


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\xef\xbb\xbf[run]\r\nseed = 7\r\n"])
def test_an_empty_file_and_a_byte_order_mark_are_accepted(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(content)
    assert load_config(file).config.run.seed == (7 if b"7" in content else 42)


TEXT = '''\
expected.steps_per_s = [1, 2]

[run]
mode = "demo" # [not a table]
[[alerts]]
name = "first"
summary = """
[run]
seed = 1
"""

[[alerts]]
name = "second"
thresholds = [
  1,
]
[rollback]
triggers = { zombies = "off" }
'''


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("expected.steps_per_s", 1),
        ("run.mode", 4),
        ("run.seed", 3),
        ("alerts[0].summary", 7),
        ("alerts[1].name", 13),
        ("alerts[1].thresholds[0]", 14),
        ("alerts[1].metric", 12),
        ("rollback.triggers.zombies", 18),
        ("notify.targets[0].url", None),
    ],
)
def test_the_line_of_a_setting(setting: str, line: int | None) -> None:
    assert nearest(lines_of(TEXT), setting) == line
