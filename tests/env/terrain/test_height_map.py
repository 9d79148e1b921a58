"""The user's maps: arrays, .npy, GeoTIFF, and errors of invalid ones."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin, TiffTags

from env.terrain.height_map import (
    GEO_KEYS_TAG,
    LARGEST_SIDE,
    METADATA_TAG,
    NODATA_TAG,
    PIXEL_SCALE_TAG,
    HeightMapError,
    height_map_from_array,
    load_height_map,
)
from env.terrain.maps import make_ground
from tests.env.terrain.sites import heights_at, site_of

HEIGHTS = np.random.default_rng(8).normal(-1800.0, 30.0, (12, 17)).astype(np.float32)


def save_tiff(
    path: Path,
    heights: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    *,
    scale: tuple[float, ...] | None = (2.5, 2.5, 0.0),
    nodata: str | None = None,
    geo_keys: tuple[int, ...] | None = None,
    metadata: str | None = None,
) -> Path:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    if scale is not None:
        tags[PIXEL_SCALE_TAG] = scale
        tags.tagtype[PIXEL_SCALE_TAG] = TiffTags.DOUBLE
    if nodata is not None:
        tags[NODATA_TAG] = nodata
        tags.tagtype[NODATA_TAG] = TiffTags.ASCII
    if geo_keys is not None:
        tags[GEO_KEYS_TAG] = (1, 1, 0, len(geo_keys) // 4, *geo_keys)
        tags.tagtype[GEO_KEYS_TAG] = TiffTags.SHORT
    if metadata is not None:
        tags[METADATA_TAG] = metadata
        tags.tagtype[METADATA_TAG] = TiffTags.ASCII
    Image.fromarray(heights).save(path, tiffinfo=tags)
    return path


def resized(
    heights: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    folder: Path,
    width: int,
    height: int,
) -> bytes:
    """A TIFF whose header has a larger size."""
    data = bytearray(save_tiff(folder / "small.tif", heights).read_bytes())
    (start,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, start)
    for k in range(entries):
        at = start + 2 + 12 * k
        (tag,) = struct.unpack_from("<H", data, at)
        if tag in {256, 257}:  # ImageWidth, ImageLength, as one LONG
            struct.pack_into("<HII", data, at + 2, 4, 1, width if tag == 256 else height)
    return bytes(data)


def test_npy_and_geotiff_hold_the_same_map(tmp_path: Path) -> None:
    np.save(tmp_path / "map.npy", HEIGHTS)
    plain = load_height_map(tmp_path / "map.npy", 2.5)
    raster = load_height_map(save_tiff(tmp_path / "map.tif", HEIGHTS))
    assert raster.cell_m == 2.5
    np.testing.assert_array_equal(plain.heights_m, raster.heights_m)
    np.testing.assert_allclose(plain.heights_m, HEIGHTS - HEIGHTS.mean(dtype=np.float64), atol=1e-4)


def test_a_given_cell_size_takes_precedence(tmp_path: Path) -> None:
    path = save_tiff(tmp_path / "map.tiff", HEIGHTS)
    assert load_height_map(path, 7.0).cell_m == 7.0
    path = save_tiff(tmp_path / "degrees.tiff", HEIGHTS, geo_keys=(1024, 0, 1, 2))
    assert load_height_map(path, 7.0).cell_m == 7.0


def test_a_projected_map_in_metres_is_read(tmp_path: Path) -> None:
    keys = (1024, 0, 1, 1, 3076, 0, 1, 9001)
    assert load_height_map(save_tiff(tmp_path / "map.tif", HEIGHTS, geo_keys=keys)).cell_m == 2.5


def test_integers_are_valid_heights(tmp_path: Path) -> None:
    heights = (np.arange(30).reshape(5, 6) * 3).astype(np.int16)
    np.save(tmp_path / "map.npy", heights)
    loaded = load_height_map(tmp_path / "map.npy", 1.0)
    np.testing.assert_allclose(np.diff(loaded.heights_m, axis=1), 3.0)


def test_a_user_map_is_flown_over() -> None:
    bumps = np.random.default_rng(1).normal(0.0, 0.3, (200, 300)).cumsum(axis=0)
    ground = make_ground(height_map_from_array(bumps, 20.0), local_scale=0.0)
    x = np.linspace(-1500.0, 1500.0, 300)
    first, second = (heights_at(ground.maps, site_of(ground, seed), x, x) for seed in (1, 2))
    assert np.ptp(first) > 0.3
    assert np.abs(first - second).max() > 0.1
    with_local = make_ground(height_map_from_array(bumps, 20.0), local_scale=0.5)
    assert with_local.maps[1]["scale"] == 0.5


BAD_ARRAYS = [
    (np.zeros(5), 1.0, "has 1 dimensions"),
    (np.zeros((2, 3, 4)), 1.0, "has 3 dimensions"),
    (np.zeros((1, 5)), 1.0, "at least 2 x 2"),
    (np.zeros((2, LARGEST_SIDE + 1), np.int8), 1.0, "at most"),
    (np.array([[0.0, np.nan], [1.0, np.inf]]), 1.0, "2 of 4 heights are not finite"),
    (np.zeros((3, 3)), 0.0, "must be positive"),
    (np.zeros((3, 3)), float("nan"), "must be positive"),
    (np.array([["a", "b"], ["c", "d"]]), 1.0, "heights are real numbers"),
    (np.zeros((3, 3), complex), 1.0, "heights are real numbers"),
]


@pytest.mark.parametrize(("heights", "cell_m", "fault"), BAD_ARRAYS)
def test_a_bad_array_is_refused(
    heights: np.ndarray[tuple[int, ...], np.dtype[np.float64]], cell_m: float, fault: str
) -> None:
    with pytest.raises(HeightMapError, match=fault) as refusal:
        height_map_from_array(heights, cell_m, "moon.npy")
    assert "moon.npy: " in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_bad_file_is_refused_by_name(tmp_path: Path) -> None:
    np.save(tmp_path / "map.npy", HEIGHTS)
    (tmp_path / "text.npy").write_text("no array")
    (tmp_path / "text.tif").write_text("no raster")
    (tmp_path / "map.csv").write_text("1,2\n3,4\n")
    np.save(tmp_path / "pickled.npy", np.array([{"a": 1}], object))
    Image.new("RGB", (4, 4)).save(tmp_path / "colour.tif")
    hole = HEIGHTS.copy()
    hole[2, 3] = -32768.0
    save_tiff(tmp_path / "hole.tif", hole, nodata="-32768")
    save_tiff(tmp_path / "oblong.tif", HEIGHTS, scale=(2.0, 3.0, 0.0))
    save_tiff(tmp_path / "unscaled.tif", HEIGHTS, scale=None)
    save_tiff(tmp_path / "degrees.tif", HEIGHTS, geo_keys=(1024, 0, 1, 2))
    save_tiff(tmp_path / "feet.tif", HEIGHTS, geo_keys=(1024, 0, 1, 1, 3076, 0, 1, 9002))
    scaled = '<GDALMetadata><Item name="SCALE" sample="0" role="scale">0.5</Item></GDALMetadata>'
    save_tiff(tmp_path / "scaled.tif", HEIGHTS, metadata=scaled)
    (tmp_path / "huge.tif").write_bytes(resized(HEIGHTS, tmp_path, 60_000, 60_000))
    (tmp_path / "long.tif").write_bytes(resized(HEIGHTS, tmp_path, LARGEST_SIDE + 1, 12))
    whole = save_tiff(tmp_path / "whole.tif", HEIGHTS).read_bytes()
    (tmp_path / "cut.tif").write_bytes(whole[: len(whole) // 2])
    faults = {
        "map.npy": "has no cell size",
        "missing.npy": "cannot be read",
        "missing.tif": "cannot be read",
        "text.npy": "cannot be read",
        "text.tif": "cannot be read",
        "cut.tif": "cannot be read",
        "pickled.npy": "cannot be read",
        "map.csv": "not .npy, .tif or .tiff",
        "colour.tif": "has 3 bands",
        "hole.tif": "1 of 204 heights are NODATA",
        "oblong.tif": "must be square",
        "unscaled.tif": "has no cell size",
        "huge.tif": "too large, at most 13000",
        "long.tif": "is 12 x 13001, at most 13000",
        "degrees.tif": "cells are in degrees",
        "feet.tif": "not in metres",
        "scaled.tif": "convert them to metres",
    }
    for name, fault in faults.items():
        with pytest.raises(HeightMapError, match=fault) as refusal:
            load_height_map(tmp_path / name)
        assert name in str(refusal.value)
        assert "\n" not in str(refusal.value)
