"""Where compiled code is kept between processes, so that only the first start compiles.

Numba invalidates a cached function when its own file changes, not when a function that it calls
in another file does. So the folder is named after every source of this package and the compiler:
an edit or an upgrade anywhere compiles anew, and nothing stale is ever flown.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

import numba
import platformdirs


def use_compilation_cache() -> None:
    """Point numba's cache at this version's folder; where none can be made, numba's own choice."""
    digest = hashlib.sha256()
    for package in ("numba", "bsk", "numpy"):
        digest.update(f"{package} {version(package)}\n".encode())
    for source in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(source.read_bytes())
    folder = platformdirs.user_cache_path("landerctl") / "numba" / digest.hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
