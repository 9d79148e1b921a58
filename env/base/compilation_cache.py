"""The folder of numba's cache, so that only the first start compiles.

Numba invalidates a cached function when its own file changes, but not when a function that it calls
in another file changes. The folder's name is therefore a digest of all sources of this package and
the compiler versions: any edit or upgrade recompiles, and no stale code is used.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

import numba
import platformdirs


def use_compilation_cache() -> None:
    """Set numba's cache to this version's folder; keep numba's default if it cannot be created."""
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
