"""Films are written whole or not at all, by the real encoders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from daemon.trainer.commands.film_file import Picture, write_film

WIDTH, HEIGHT = 64, 48


def _pictures(frames: int, fails: bool = False) -> Iterator[Picture]:
    for k in range(frames):
        yield np.full((HEIGHT, WIDTH, 3), 40 * k, np.uint8)
    if fails:
        raise FloatingPointError


def test_a_gif_has_a_picture_for_each_frame_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "landing.gif"
    write_film(path, _pictures(4), WIDTH, HEIGHT, 10)
    with Image.open(path) as film:
        assert (film.size, getattr(film, "n_frames", 0)) == ((WIDTH, HEIGHT), 4)
        assert film.info["duration"] == 100
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_mp4_is_one_that_its_reader_knows(tmp_path: Path) -> None:
    reader = pytest.importorskip("imageio_ffmpeg")
    path = tmp_path / "landing.mp4"
    write_film(path, _pictures(6), WIDTH, HEIGHT, 30)
    frames, _ = reader.count_frames_and_secs(str(path))
    assert frames == 6


@pytest.mark.parametrize("suffix", [".gif", ".mp4"])
def test_a_film_that_fails_leaves_what_was_there(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"landing{suffix}"
    path.write_bytes(b"old")
    with pytest.raises(FloatingPointError):
        write_film(path, _pictures(2, fails=True), WIDTH, HEIGHT, 10)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == b"old"
