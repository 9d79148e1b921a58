"""PT2: torch.export's archive, for programs that have torch but not this one."""

from __future__ import annotations

import io
import warnings

import numpy as np
import numpy.typing as npt
import torch

from daemon.trainer.export.formats.traced import batch_shapes, example, only_errors
from daemon.trainer.export.policy import PolicyModule
from daemon.trainer.export.source import CARD, Actor, Source


def encode_pt2(source: Source) -> bytes:
    """The archive; an extra file in it is the card."""
    stream = io.BytesIO()
    with only_errors(), warnings.catch_warnings(action="ignore"), torch.no_grad():
        program = torch.export.export(
            PolicyModule(source.policy).eval(),
            (example(source.policy),),
            dynamic_shapes=batch_shapes(),
        )
        for node in program.graph.nodes:
            node.meta.pop("stack_trace", None)  # which folder of this machine made it
        torch.export.save(program, stream, extra_files={CARD: source.card_json().decode()})
    return stream.getvalue()


def load_pt2(content: bytes) -> Actor:
    """The archive in torch."""
    with only_errors(), warnings.catch_warnings(action="ignore"):
        module = torch.export.load(io.BytesIO(content)).module()

    def act(observations: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        with torch.no_grad():
            actions: torch.Tensor = module(torch.from_numpy(observations))
        return np.asarray(actions.numpy())

    return act
