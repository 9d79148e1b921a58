"""Draw the synthetic Moon's two height maps, lit from the west.

Usage: python docs/make_ground.py OUT.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.colors import LightSource

from env.terrain.height_map import HeightMap
from env.terrain.synthesis import local_map, regional_map

SUN_AZIMUTH_DEG = 290.0
SUN_ELEVATION_DEG = 22.0


def main() -> None:
    """Write the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    out: Path = parser.parse_args().out
    mpl.use("Agg")
    figure, panels = plt.subplots(1, 2, figsize=(10, 5.2), dpi=80, facecolor="black")
    _shade(panels[0], regional_map(), "craters from 200 m to 4 km, hills", unit_m=1000.0)
    _shade(panels[1], local_map(), "craters from 4 m to 200 m, boulders", unit_m=1.0)
    figure.tight_layout()
    figure.savefig(out, facecolor="black")


def _shade(axes: plt.Axes, ground: HeightMap, title: str, unit_m: float) -> None:
    light = LightSource(SUN_AZIMUTH_DEG, SUN_ELEVATION_DEG)
    shaded = light.hillshade(ground.heights_m, dx=ground.cell_m, dy=ground.cell_m)
    rows, columns = ground.heights_m.shape
    across, up = columns * ground.cell_m / unit_m, rows * ground.cell_m / unit_m
    axes.imshow(shaded, cmap="gray", vmin=0.0, vmax=1.0, extent=(0.0, across, 0.0, up))
    axes.set_title(title, color="white", fontsize=11)
    axes.set_xlabel("km" if unit_m > 1.0 else "m", color="white")
    axes.tick_params(colors="white")


if __name__ == "__main__":
    main()
