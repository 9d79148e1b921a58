"""Checks that Basilisk is installed and recent enough, with a clear one-line error."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "bsk"  # its name; also that of the ImportError without it
OLDEST_BASILISK = (2, 12)  # first version with NumbaModel's message lists and state pointers


def require_basilisk(version_of: Callable[[str], str] = version) -> None:
    """Raise ImportError, with what to do, if `bsk` is missing or older than 2.12."""
    wanted = ".".join(map(str, OLDEST_BASILISK))
    remedy = f"install it with: python -m pip install 'bsk>={wanted}'"
    try:
        found = version_of(DISTRIBUTION)
    except PackageNotFoundError:
        raise ImportError(
            f"Basilisk is not installed in this Python environment; {remedy}", name=DISTRIBUTION
        ) from None
    numbers = tuple(int(part) for part in re.findall(r"\d+", found)[:2])
    if numbers < OLDEST_BASILISK:
        raise ImportError(
            f"Basilisk {found} is too old, landerctl needs {wanted} or newer; {remedy}",
            name=DISTRIBUTION,
        )
