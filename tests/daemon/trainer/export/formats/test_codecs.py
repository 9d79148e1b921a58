"""Every format acts as stable-baselines3, and carries the card and nothing of this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from daemon.protocol.policy_formats import FORMATS, FormatName, format_of_suffix
from daemon.trainer.export.formats.codecs import CODECS
from daemon.trainer.export.usage import call_code
from tests.daemon.trainer.export.models import (
    config_of,
    expected_actions,
    model_of,
    observations_of,
    source_of,
)


@pytest.mark.parametrize(
    ("name", "algorithm"),
    [
        *((name, "ppo") for name in CODECS),
        *((name, "sac") for name in CODECS if name != "onnx"),  # takes seconds; the same module
        ("sb3", "td3"),
    ],
)
def test_a_file_acts_as_the_model(
    name: FormatName, algorithm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config_of(algorithm)
    model, normalizer = model_of(config)
    source = source_of(config, model, normalizer)
    content = CODECS[name].encode(source)
    actor = CODECS[name].load(content)
    observations = observations_of(normalizer, 300)
    expected = expected_actions(model, normalizer, observations)
    np.testing.assert_allclose(actor(observations), expected, rtol=0.0, atol=1e-5)
    assert actor(observations[:1]).shape == (1, expected.shape[1])
    assert str(Path(__file__).parents[5]).encode() not in content
    # As a stranger would, by the card's code.
    monkeypatch.chdir(tmp_path)
    file = f"lander{FORMATS[name].suffix}"
    Path(file).write_bytes(content)
    names: dict[str, Any] = {}
    exec(call_code(source.card, name, file), names)
    for observation, action in zip(observations[:5], expected, strict=False):
        np.testing.assert_allclose(names["act"](observation), action, rtol=0.0, atol=1e-5)


def test_a_suffix_names_its_format() -> None:
    assert [format_of_suffix(kind.suffix) for kind in FORMATS.values()] == list(FORMATS)
    assert format_of_suffix(".txt") is None
