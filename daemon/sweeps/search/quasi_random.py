"""Quasi-Monte Carlo: points that fill the space more evenly than random ones. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterator

# 2**-53 is a double's resolution below 1.
_SMALLEST = 2.0**-53


def halton_point(number: int, dimensions: int, seed: int) -> list[float]:
    """The point with this number (from 0) of a randomized Halton sequence, each share in [0, 1).

    The digits of `number` in the base of each dimension, a prime, are mirrored at the point; each
    place has a random permutation of its own, which removes the correlations between large bases:
    A. B. Owen, "A randomized Halton algorithm in R", 2017, arXiv:1706.02808.
    """
    return [
        _mirrored(number, base, random.Random(f"{seed}/{base}"))
        for base, _ in zip(_primes(), range(dimensions), strict=False)
    ]


def _mirrored(number: int, base: int, permutations: random.Random) -> float:
    share, place = 0.0, 1.0 / base
    while place > _SMALLEST:
        digits = list(range(base))
        permutations.shuffle(digits)
        number, digit = divmod(number, base)
        share += digits[digit] * place
        place /= base
    return min(share, 1.0 - _SMALLEST)


def _primes() -> Iterator[int]:
    found: list[int] = []
    number = 2
    while True:
        if all(number % prime for prime in found):
            found.append(number)
            yield number
        number += 1
