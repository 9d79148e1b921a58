"""The formats that `landerctl export` writes a policy in."""

from __future__ import annotations

from typing import Literal, NamedTuple

FormatName = Literal["onnx", "pt2", "c", "sb3", "weights"]


class PolicyFormat(NamedTuple):
    """A kind of file, and what it takes to write one."""

    suffix: str  # by which it is recognised, with the dot
    meaning: str
    needs: tuple[str, ...] = ()  # packages of the extra `export`


FORMATS: dict[FormatName, PolicyFormat] = {
    "onnx": PolicyFormat(".onnx", "ONNX graph", ("onnx", "onnxscript", "onnxruntime")),
    "pt2": PolicyFormat(".pt2", "torch.export archive"),
    "c": PolicyFormat(".c", "C99 source"),
    "sb3": PolicyFormat(".zip", "stable-baselines3 archive with statistics"),
    "weights": PolicyFormat(".safetensors", "safetensors", ("safetensors",)),
}


def format_of_suffix(suffix: str) -> FormatName | None:
    """The format of files with this suffix; None if no format has it."""
    return next((name for name, kind in FORMATS.items() if kind.suffix == suffix.lower()), None)
