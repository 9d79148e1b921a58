"""Packages that only some samplers need."""

from __future__ import annotations

import importlib
from typing import Any

from daemon.sweeps.search.error import SearchError


def needed(package: str, sampler: str) -> Any:
    """The package. Raises SearchError: it is not installed, or cannot be imported."""
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise SearchError(
            f"search.sampler = {sampler!r} needs the package {package} ({error}): "
            "pip install 'landerctl[optuna]', or choose random or qmc"
        ) from None
