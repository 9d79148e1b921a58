"""Writes pictures as a film: .mp4 by ffmpeg, which the extra `film` brings, .gif by Pillow."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
from PIL import GifImagePlugin, Image

from daemon.base.files import fsync_path, remove_unfinished
from daemon.base.leftovers import temporary_beside

Picture = npt.NDArray[np.uint8]

SUFFIXES = (".mp4", ".gif")
# Steps and brightest colour: ground and hull, flames, gilding, what is good and bad, the Earth.
RAMPS = (
    (128, (255, 251, 246)),
    (40, (255, 190, 110)),
    (24, (235, 180, 60)),
    (16, (96, 214, 132)),
    (16, (255, 104, 92)),
    (32, (130, 180, 245)),
)


class FilmError(Exception):
    """The film cannot be written; the message is one line."""


def write_film(
    path: Path, pictures: Iterator[Picture], width: int, height: int, frames_per_s: int
) -> None:
    """Write the pictures (H, W, 3) as a whole or not at all, mode 0600.

    Raises FilmError without the extra, and for a failure of ffmpeg; OSError.
    """
    remove_unfinished(path.parent)  # of films that were killed
    temporary = temporary_beside(path).with_suffix(path.suffix)
    try:
        if path.suffix == ".gif":
            _write_gif(temporary, pictures, frames_per_s)
        else:
            _write_mp4(temporary, pictures, width, height, frames_per_s)
        temporary.chmod(0o600)
        fsync_path(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    fsync_path(path.parent)


def _write_mp4(
    path: Path, pictures: Iterator[Picture], width: int, height: int, frames_per_s: int
) -> None:
    try:
        import imageio_ffmpeg  # noqa: PLC0415, of the extra

        program = imageio_ffmpeg.get_ffmpeg_exe()
    except ImportError:
        raise FilmError(
            "an .mp4 needs the extra: pip install 'landerctl[film]'; a .gif needs none"
        ) from None
    except RuntimeError:
        raise FilmError("no ffmpeg found for an .mp4; a .gif needs none") from None
    command = [
        *(program, "-y", "-v", "error"),
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}"),
        *("-r", str(frames_per_s), "-i", "-", "-an"),
        *("-vcodec", "libx264", "-pix_fmt", "yuv420p", "-preset", "veryfast", "-crf", "20"),
        *("-movflags", "+faststart", str(path)),
    ]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            process_group=0,  # Ctrl-C ends it by the end of its input
        ) as encoder,
    ):
        assert encoder.stdin is not None
        whole = _feed(encoder.stdin, pictures)
        # Only its exit code says whether the end of the film was written too.
        if encoder.wait() != 0 or not whole:
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()
            last = lines[-1] if lines else f"exit code {encoder.returncode}"
            raise FilmError(f"{path.name.split('@', 2)[-1]}: ffmpeg failed: {last}")


def _feed(stream: IO[bytes], pictures: Iterator[Picture]) -> bool:
    """Write the pictures and close the stream; False if its reader ended before that."""
    for picture in pictures:
        try:
            stream.write(np.ascontiguousarray(picture).data)
        except BrokenPipeError:
            with suppress(BrokenPipeError):
                stream.close()
            return False
    try:
        stream.close()
    except BrokenPipeError:
        return False
    return True


def _write_gif(path: Path, pictures: Iterator[Picture], frames_per_s: int) -> None:
    palette = _palette()

    def reduced() -> Iterator[Image.Image]:
        for picture in pictures:
            yield Image.fromarray(picture).quantize(palette=palette, dither=Image.Dither.NONE)

    # Image.save would keep all pictures of the film in memory until it has the last one.
    with path.open("wb") as stream:
        for _, equal in groupby(reduced(), key=Image.Image.tobytes):
            image = next(equal)
            if not stream.tell():
                header, _ = GifImagePlugin.getheader(image, info={"loop": 0})
                stream.writelines(header)
            shown_ms = round(1000 / frames_per_s) * (1 + sum(1 for _ in equal))  # noqa: B031
            stream.writelines(GifImagePlugin.getdata(image, duration=shown_ms))
        stream.write(b";")


def _palette() -> Image.Image:
    """One palette for all pictures of a film: ramps from black to each of RAMPS."""
    colours = [
        round(k / (steps - 1) * channel)
        for steps, top in RAMPS
        for k in range(steps)
        for channel in top
    ]
    image = Image.new("P", (1, 1))
    image.putpalette(colours)
    return image
