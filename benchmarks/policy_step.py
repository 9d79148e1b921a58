"""One step of an exported policy, one observation at a time, in each format.

An untrained PPO policy of the default size; the reference is stable-baselines3's own `predict`.
C is called in a loop in C, the others from Python.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.report import report
from daemon.config import load_config
from daemon.protocol.policy_formats import FormatName
from daemon.trainer.export.formats.c99.codec import encode_c, load_c
from daemon.trainer.export.formats.codecs import CODECS
from daemon.trainer.export.source import Actor
from tests.daemon.trainer.export.models import config_of, model_of, observations_of, source_of

NAMES: dict[FormatName, str] = {
    "onnx": "onnxruntime",
    "pt2": "torch.export",
    "weights": "numpy, of safetensors",
}


def main() -> None:
    """Print the median times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=2000)
    steps = parser.parse_args().steps
    torch.set_num_threads(1)
    hidden = load_config(None).config.network.hidden
    config = config_of("ppo", f"network.hidden={hidden}")
    model, normalizer = model_of(config)
    source = source_of(config, model, normalizer)
    observations = observations_of(normalizer, steps)

    def step_us(actor: Actor) -> float:
        took_s = []
        for k in range(steps):
            began_s = time.perf_counter()
            actor(observations[k : k + 1])
            took_s.append(time.perf_counter() - began_s)
        return 1e6 * statistics.median(took_s)

    def predict(raw: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        normalized: Any = normalizer.normalize_obs(raw)
        return model.predict(normalized, deterministic=True)[0]

    predict_us = step_us(predict)
    figures = {"C99": load_c(encode_c(source)).step_us(observations)}
    for kind, name in NAMES.items():
        codec = CODECS[kind]
        figures[name] = step_us(codec.load(codec.encode(source)))
    for name, took_us in figures.items():
        what = f"step of an exported policy in {name}, reference stable-baselines3's predict"
        report(what, took_us, "us", predict_us)


if __name__ == "__main__":
    main()
