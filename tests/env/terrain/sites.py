"""Sites and user maps for the tests of terrain and LiDAR."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from env.terrain.ground import ground_height_m
from env.terrain.height_map import height_map_from_array
from env.terrain.maps import Ground, make_ground
from env.terrain.site import SITE_DTYPE, choose_site

Array = npt.NDArray[np.float64]


def site_of(
    ground: Ground,
    seed: int,
    slope_deg: tuple[float, float] = (0.0, 0.0),
    relief: float = 1.0,
    clear_radius_m: float = 0.0,
) -> Any:
    """One chosen site, a SITE_DTYPE record."""
    sites = np.zeros(1, SITE_DTYPE)
    choose_site(ground.maps, sites[0], *slope_deg, relief, clear_radius_m, np.uint64(seed))
    return sites[0]


def surface_ground(height: Callable[[Array, Array], Array], nodes: int, cell_m: float) -> Ground:
    """A user's map of `height(x, y)` about its middle, without the local map."""
    axis = (np.arange(nodes) - (nodes - 1) / 2) * cell_m
    x, y = np.meshgrid(axis, axis)
    return make_ground(height_map_from_array(height(x, y), cell_m), local_scale=0.0)


def middle_site(ground: Ground, slope_x: float = 0.0, slope_y: float = 0.0) -> Any:
    """A site whose pad is the middle of the regional map, unturned; no clear pad."""
    site = site_of(ground, 0)
    chart = ground.maps[0]
    # a mirrored map runs backwards in the first half of its period
    site["regional_u"], site["regional_v"] = 0.75, 0.75
    for axis in "xy":
        for name in ("u", "v"):
            site[f"regional_{name}{axis}"] = 0.0
    site["regional_ux"] = 1.0 / (chart["period_x"] * chart["cell_m"])
    site["regional_vy"] = 1.0 / (chart["period_y"] * chart["cell_m"])
    site["datum_m"] = 0.0
    site["datum_m"] = ground_height_m(ground.maps, site, 0.0, 0.0)
    site["slope_x"], site["slope_y"] = slope_x, slope_y
    site["plane_slope"] = np.hypot(slope_x, slope_y)
    site["steepest"] = chart["steepest"] + site["plane_slope"]
    site["highest_m"] = chart["highest_m"] - site["datum_m"] + 100.0 * site["plane_slope"]
    return site


@njit(cache=True)
def heights_at(maps: Any, site: Any, x_m: Any, y_m: Any) -> Any:
    """ground_height_m of each of two equal arrays."""
    out = np.empty(x_m.size)
    for k in range(x_m.size):
        out[k] = ground_height_m(maps, site, x_m[k], y_m[k])
    return out
