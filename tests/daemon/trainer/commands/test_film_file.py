"""Films are written whole or not at all, by the real encoders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from daemon.trainer.commands.film_file import FilmError, Picture, write_film

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


def test_a_long_gif_is_not_kept_in_memory(tmp_path: Path) -> None:
    written: list[int] = []

    def noisy() -> Iterator[Picture]:
        for seed in range(20):
            written.append(sum(file.stat().st_size for file in tmp_path.iterdir()))
            draws = np.random.default_rng(seed)
            yield draws.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)

    write_film(tmp_path / "landing.gif", noisy(), WIDTH, HEIGHT, 10)
    assert written[-1] > 0


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


def test_an_encoder_that_fails_at_the_end_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("imageio_ffmpeg")
    program = tmp_path / "ffmpeg"
    program.write_text(
        '#!/bin/sh\nfor file; do :; done\necho part > "$file"\ncat > /dev/null\n'
        "echo No space left on device >&2\nexit 1\n"
    )
    program.chmod(0o700)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
    path = tmp_path / "landing.mp4"
    path.write_bytes(b"old")
    with pytest.raises(FilmError, match=r"^landing.mp4: ffmpeg failed: No space left on device$"):
        write_film(path, _pictures(2), WIDTH, HEIGHT, 30)
    assert path.read_bytes() == b"old"
