"""ONNX: one graph from raw observation to action, of standard operators alone."""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt
import torch

from daemon.trainer.export.formats.traced import batch_shapes, example, only_errors
from daemon.trainer.export.policy import PolicyModule
from daemon.trainer.export.source import CARD, INPUT, OUTPUT, Actor, Source


def encode_onnx(source: Source) -> bytes:
    """The file's content; its metadata holds the card."""
    import onnx  # noqa: PLC0415 - of the extra `export`

    policy = source.policy
    with only_errors(), warnings.catch_warnings(action="ignore"):
        program = torch.onnx.export(
            PolicyModule(policy).eval(),
            (example(policy),),
            dynamo=True,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_shapes=batch_shapes(),
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    graph = model.graph
    # The exporter's notes: which lines of this program, in which folder, made an operator.
    for part in (graph, *graph.node, *graph.input, *graph.output, *graph.value_info):
        part.ClearField("metadata_props")
    for constant in graph.initializer:
        constant.ClearField("metadata_props")
    training = source.card.training
    about = {
        "run": training.run_id,
        "checkpoint": training.checkpoint,
        "algorithm": training.algorithm,
        "timesteps": str(training.timesteps),
        "vehicle": source.card.limits.vehicle,
        "control_interval_s": f"{source.card.limits.control_interval_s:g}",
        CARD: source.card_json().decode(),
    }
    onnx.helper.set_model_props(model, about)
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())


def load_onnx(content: bytes) -> Actor:
    """The file in onnxruntime."""
    import onnxruntime  # noqa: PLC0415 - of the extra `export`

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])

    def act(observations: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return np.asarray(session.run([OUTPUT], {INPUT: observations})[0])

    return act
