"""Boulders: relief of decimetres under a foot.

Sizes follow N(>D) = 7e-4 D^-2.56 per square metre, D in metres: the order of the Surveyor III site
(Shoemaker and Morris 1969; larger blocks: Cintala and McBride, NASA TM 104804, 1995).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

BOULDERS_PER_M2 = 7e-4  # larger than 1 m
SIZE_EXPONENT = 2.56
HEIGHT_RATIO = 0.5  # of the diameter, above ground; assumption: half buried
SMALLEST_M = 0.3
LARGEST_M = 1.5


def add_boulders(
    generator: np.random.Generator, heights_m: npt.NDArray[np.float64], cell_m: float
) -> None:
    """Raise nodes of a map (rows, columns), metres, where boulders between the two sizes lie."""
    most = BOULDERS_PER_M2 * SMALLEST_M**-SIZE_EXPONENT
    fewest = BOULDERS_PER_M2 * LARGEST_M**-SIZE_EXPONENT
    rows, columns = heights_m.shape
    count = int(generator.poisson((most - fewest) * rows * columns * cell_m**2))
    larger = generator.uniform(fewest, most, count)
    diameter = (larger / BOULDERS_PER_M2) ** (-1.0 / SIZE_EXPONENT)
    row, column = generator.integers(0, rows, count), generator.integers(0, columns, count)
    np.maximum.at(heights_m, (row, column), heights_m[row, column] + HEIGHT_RATIO * diameter)
