"""Height maps of the user, from an array or a file, validated on loading."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

LARGEST_SIDE = 13_000  # nodes: 0.7 GB of float32 for a square map; Pillow opens no larger one
PIXEL_SCALE_TAG = 33550  # GeoTIFF 1.1, ModelPixelScaleTag
GEO_KEYS_TAG = 34735  # GeoTIFF 1.1, GeoKeyDirectoryTag: entries of four numbers after a header
MODEL_TYPE_KEY, PROJECTED = 1024, 1  # else the pixel scale is in degrees
LINEAR_UNITS_KEY, METRE = 3076, 9001
METADATA_TAG = 42112  # GDAL_METADATA, XML
NODATA_TAG = 42113  # GDAL_NODATA, ASCII
RASTER_SUFFIXES = (".tif", ".tiff")


class HeightMapError(ValueError):
    """An unusable height map; the message names the map and the problem in one line."""


class Edges(Enum):
    """The continuation beyond a map's edge."""

    PERIODIC = "periodic"  # the opposite edge
    MIRRORED = "mirrored"  # the map again, reflected, so that heights stay continuous


@dataclass(frozen=True)
class HeightMap:
    """Heights in metres on square cells; y by row, x by column."""

    heights_m: npt.NDArray[np.float32]  # (rows, columns)
    cell_m: float
    edges: Edges


def height_map_from_array(
    heights_m: npt.ArrayLike, cell_m: float, name: str = "height map"
) -> HeightMap:
    """A map of the user's heights (m), any datum: the mean is subtracted.

    Raises HeightMapError unless it is two-dimensional, at least 2 x 2 and at most LARGEST_SIDE on
    a side, finite throughout, and `cell_m` is positive.
    """
    array = np.asarray(heights_m)
    if array.ndim != 2:
        raise HeightMapError(f"{name}: has {array.ndim} dimensions, a height map has 2")
    if min(array.shape) < 2:
        raise HeightMapError(f"{name}: is {array.shape[0]} x {array.shape[1]}, at least 2 x 2")
    if max(array.shape) > LARGEST_SIDE:
        size = f"{array.shape[0]} x {array.shape[1]}"
        raise HeightMapError(f"{name}: is {size}, at most {LARGEST_SIDE} on a side: cut or reduce")
    if not (np.issubdtype(array.dtype, np.integer) or np.issubdtype(array.dtype, np.floating)):
        raise HeightMapError(f"{name}: holds {array.dtype}, heights are real numbers")
    if not (math.isfinite(cell_m) and cell_m > 0.0):
        raise HeightMapError(f"{name}: cell of {cell_m} m, must be positive")
    missing = int(array.size - np.count_nonzero(np.isfinite(array)))
    if missing:
        raise HeightMapError(f"{name}: {missing} of {array.size} heights are not finite")
    level = float(array.mean(dtype=np.float64))
    return HeightMap((array - level).astype(np.float32), float(cell_m), Edges.MIRRORED)


def load_height_map(path: str | Path, cell_m: float | None = None) -> HeightMap:
    """The map in a .npy file (2-D array, `cell_m` needed) or a one-band TIFF or GeoTIFF.

    A GeoTIFF's own pixel scale is used unless `cell_m` is given. Heights are metres. Raises
    HeightMapError for a file that cannot be read, has missing heights (NODATA), has no usable cell
    size, or whose metadata scales or offsets the heights.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if path.exists() and not path.is_file():
        raise HeightMapError(f"{path}: is not a file")  # opening a pipe would wait for its writer
    if suffix == ".npy":
        try:
            array = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise HeightMapError(f"{path}: cannot be read: {_one_line(error)}") from error
        scale, nodata = None, None
    elif suffix in RASTER_SUFFIXES:
        array, tags = _read_raster(path)
        nodata = _nodata(path, tags)
        scale = _pixel_scale_m(path, tags) if cell_m is None else None
        metadata = str(tags.get(METADATA_TAG, ""))
        if 'role="scale"' in metadata or 'role="offset"' in metadata:
            raise HeightMapError(f"{path}: heights are scaled or offset: convert them to metres")
    else:
        raise HeightMapError(f"{path}: not .npy, .tif or .tiff")
    if nodata is not None:
        empty = int(np.count_nonzero(array == nodata))
        if empty:
            raise HeightMapError(f"{path}: {empty} of {array.size} heights are NODATA: fill or cut")
    cell_m = scale if cell_m is None else cell_m
    if cell_m is None:
        raise HeightMapError(f"{path}: has no cell size: give cell_m")
    return height_map_from_array(array, cell_m, str(path))


def _read_raster(path: Path) -> tuple[npt.NDArray[np.generic], dict[int, object]]:
    """A TIFF's one band and its tags."""
    try:
        with warnings.catch_warnings(), Image.open(path) as image:
            # Allow large images: the size is checked before the heights are read.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            if max(image.size) > LARGEST_SIDE:
                size = f"{image.size[1]} x {image.size[0]}"
                raise HeightMapError(
                    f"{path}: is {size}, at most {LARGEST_SIDE} on a side: cut or reduce"
                )
            if len(image.getbands()) != 1:
                raise HeightMapError(f"{path}: has {len(image.getbands())} bands, heights are one")
            if image.mode == "P":
                raise HeightMapError(f"{path}: is a picture with a palette, not heights")
            tags = dict(image.getexif())
            array: npt.NDArray[np.generic] = np.asarray(image)
    except Image.DecompressionBombError as error:
        raise HeightMapError(
            f"{path}: is too large, at most {LARGEST_SIDE} on a side: cut or reduce"
        ) from error
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise HeightMapError(f"{path}: cannot be read: {_one_line(error)}") from error
    return array, tags


def _pixel_scale_m(path: Path, tags: dict[int, object]) -> float | None:
    scale = tags.get(PIXEL_SCALE_TAG)
    if not isinstance(scale, tuple) or len(scale) < 2:
        return None
    keys = tags.get(GEO_KEYS_TAG)
    values = keys if isinstance(keys, tuple) else ()
    geo = {values[k]: values[k + 3] for k in range(4, len(values) - 3, 4)}
    if geo.get(MODEL_TYPE_KEY, PROJECTED) != PROJECTED:
        raise HeightMapError(f"{path}: is not projected, so its cells are in degrees: give cell_m")
    if geo.get(LINEAR_UNITS_KEY, METRE) != METRE:
        raise HeightMapError(f"{path}: its cells are not in metres: give cell_m")
    if not math.isclose(scale[0], scale[1], rel_tol=1e-3):
        raise HeightMapError(f"{path}: cells of {scale[0]} x {scale[1]} m, must be square")
    return float(scale[0])


def _nodata(path: Path, tags: dict[int, object]) -> float | None:
    text = tags.get(NODATA_TAG)
    if text is None:
        return None
    try:
        return float(str(text).strip("\0 "))
    except ValueError as error:
        raise HeightMapError(f"{path}: NODATA {text!r} is not a number") from error


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
