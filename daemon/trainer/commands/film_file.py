"""Writes pictures as a film: .mp4 by ffmpeg, which the extra `film` brings, .gif by Pillow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

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
    except ImportError:
        raise FilmError(
            "an .mp4 needs the extra: pip install 'landerctl[film]'; a .gif needs none"
        ) from None
    encoder = imageio_ffmpeg.write_frames(
        str(path),
        (width, height),
        fps=frames_per_s,
        codec="libx264",
        macro_block_size=2,
        output_params=["-preset", "veryfast", "-crf", "20", "-movflags", "+faststart"],
    )
    encoder.send(None)
    try:
        for picture in pictures:
            encoder.send(np.ascontiguousarray(picture))
    except OSError as error:
        # Its message holds ffmpeg's own output.
        last = str(error).strip().splitlines()[-1]
        raise FilmError(f"{path.name}: ffmpeg failed: {last}") from error
    finally:
        encoder.close()


def _write_gif(path: Path, pictures: Iterator[Picture], frames_per_s: int) -> None:
    palette = _palette()

    def reduced() -> Iterator[Image.Image]:
        for picture in pictures:
            yield Image.fromarray(picture).quantize(palette=palette, dither=Image.Dither.NONE)

    images = reduced()
    next(images).save(
        path,
        save_all=True,
        append_images=images,
        duration=round(1000 / frames_per_s),
        loop=0,
        optimize=False,
    )


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
