"""What torch's exporters need: an example, what of it may vary, and less to say."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from daemon.trainer.export.layers import ExportedPolicy


def example(policy: ExportedPolicy) -> torch.Tensor:
    """Two observations (2, O): torch would take a batch of one for a constant."""
    return torch.zeros(2, policy.n_observations)


def batch_shapes() -> tuple[dict[int, Any]]:
    """Any number of observations at once."""
    return ({0: torch.export.Dim("batch")},)


@contextmanager
def only_errors() -> Iterator[None]:
    """Without torch's log of packages that an exporter could use and does not need."""
    previous = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(previous)
