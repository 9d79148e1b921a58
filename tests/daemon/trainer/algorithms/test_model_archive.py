"""A model's archive may be forged: nothing in it runs, and what does not fit is refused."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from daemon.trainer.algorithms import factory
from daemon.trainer.algorithms.model_archive import read_archive
from daemon.trainer.algorithms.normalizer import load_statistics
from daemon.trainer.checkpointing.replay_archive import _LANDERS, _ROWS, load_replay
from tests.daemon.torture.mutation import INPUTS, generator, mutated
from tests.daemon.trainer.conftest import small_config
from tests.daemon.trainer.corrupted import ALGORITHMS, Bench, same
from tests.daemon.trainer.forged import forge_data, pickled_code, replace_member

TENSORS = ("policy.pth", "pytorch_variables.pth", "actor.optimizer.pth")


@pytest.fixture(scope="module", params=ALGORITHMS)
def trained(request: pytest.FixtureRequest) -> Bench:
    """Each algorithm after an odd number of updates."""
    bench = Bench(small_config(algorithm=request.param))
    bench.learn(192)
    return bench


@pytest.fixture(scope="module")
def sac() -> Bench:
    bench = Bench(small_config(algorithm="sac"))
    bench.learn(192)
    return bench


def saved(bench: Bench, folder: Path) -> Path:
    bench.model.save(folder / "model.zip")
    return folder / "model.zip"


def loaded(bench: Bench, archive: Path) -> Any:
    return factory.load(bench.config, archive, bench.normalizer)


def change(archive: Path, name: str, alter: Callable[[Any], object]) -> None:
    """Change the content of a member of tensors."""
    with zipfile.ZipFile(archive) as old:
        content = torch.load(io.BytesIO(old.read(name)), weights_only=True)
    alter(content)
    stream = io.BytesIO()
    torch.save(content, stream)
    replace_member(archive, name, stream.getvalue())


def test_pickled_attributes_are_ignored(trained: Bench, tmp_path: Path) -> None:
    archive, marker = saved(trained, tmp_path), tmp_path / "marker"
    forge_data(archive, marker)
    model, before = loaded(trained, archive), trained.model
    assert not marker.exists()
    assert same(dict(model.policy.state_dict()), trained.parameters())
    for name in ("num_timesteps", "_n_updates", "current_learning_rate"):
        assert getattr(model, name, None) == getattr(before, name, None)
    assert model._n_updates > 0


@pytest.mark.parametrize("name", TENSORS)
def test_code_instead_of_tensors_is_refused(name: str, sac: Bench, tmp_path: Path) -> None:
    archive, marker = saved(sac, tmp_path), tmp_path / "marker"
    replace_member(archive, name, pickled_code(marker))
    with pytest.raises(ValueError, match=f"^{name}: holds more than tensors"):
        loaded(sac, archive)
    assert not marker.exists()


def test_code_within_torchs_own_format_is_refused(sac: Bench, tmp_path: Path) -> None:
    archive, marker = saved(sac, tmp_path), tmp_path / "marker"
    with zipfile.ZipFile(archive) as whole:
        inner = tmp_path / "policy.pth"
        inner.write_bytes(whole.read("policy.pth"))
    with zipfile.ZipFile(inner) as policy:
        (pickled,) = (name for name in policy.namelist() if name.endswith("data.pkl"))
    replace_member(inner, pickled, pickled_code(marker))
    replace_member(archive, "policy.pth", inner.read_bytes())
    with pytest.raises(ValueError, match=r"^policy\.pth: "):
        loaded(sac, archive)
    assert not marker.exists()


def test_an_optimisers_state_that_adam_would_overrun_is_refused(sac: Bench, tmp_path: Path) -> None:
    """With a shorter tensor torch's fused Adam writes beyond its memory."""
    archive = saved(sac, tmp_path)
    name = "actor.optimizer.pth"
    change(archive, name, lambda state: state["state"][0].update(exp_avg=torch.zeros(1)))
    with pytest.raises(ValueError, match=r"^actor\.optimizer\.pth: .*exp_avg has shape \(1,\)"):
        loaded(sac, archive)


def test_a_tensor_of_one_repeated_number_gets_memory_of_its_own(sac: Bench, tmp_path: Path) -> None:
    archive = saved(sac, tmp_path)

    def repeat(state: Any) -> None:
        moments = state["state"][0]
        moments["exp_avg"] = torch.zeros(1).expand(moments["exp_avg"].shape)

    change(archive, "actor.optimizer.pth", repeat)
    optimizer = loaded(sac, archive).actor.optimizer
    assert all(moments["exp_avg"].is_contiguous() for moments in optimizer.state.values())


def _data(**changed: Any) -> Callable[[Path], object]:
    def alter(archive: Path) -> None:
        with zipfile.ZipFile(archive) as old:
            data = json.loads(old.read("data")) | changed
        replace_member(archive, "data", json.dumps(data).encode())

    return alter


@pytest.mark.parametrize(
    ("alter", "fault"),
    [
        (_data(num_timesteps=-1), r"data: .*>= 0.*num_timesteps"),
        (_data(_n_updates="many"), r"data: .*_n_updates"),
        (lambda archive: replace_member(archive, "data", b"[]"), "data: Expected `object`"),
        (lambda archive: replace_member(archive, "env.pth", b""), r"env\.pth: cannot be read"),
        (lambda archive: archive.write_bytes(b"PK"), "not a readable zip archive"),
        (
            lambda archive: change(archive, "policy.pth", lambda state: state.popitem()),
            r"policy\.pth: does not fit this run's model",
        ),
        (
            lambda archive: change(
                archive, "pytorch_variables.pth", lambda found: found.update(policy=torch.zeros(1))
            ),
            "policy: not a part of this run's model",
        ),
    ],
)
def test_a_forged_part_is_named(
    alter: Callable[[Path], object], fault: str, sac: Bench, tmp_path: Path
) -> None:
    archive = saved(sac, tmp_path)
    alter(archive)
    with pytest.raises(ValueError, match=fault):
        loaded(sac, archive)


def test_ppo_does_not_forget_its_learning_rate(tmp_path: Path) -> None:
    bench = Bench(small_config())
    bench.learn(128)
    archive = saved(bench, tmp_path)
    with zipfile.ZipFile(archive) as old:
        data = json.loads(old.read("data"))
    del data["current_learning_rate"]
    replace_member(archive, "data", json.dumps(data).encode())
    with pytest.raises(ValueError, match="data: current_learning_rate is missing"):
        loaded(bench, archive)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_settings_are_the_configurations(algorithm: str, tmp_path: Path) -> None:
    bench = Bench(small_config(algorithm=algorithm))
    bench.learn(192)
    archive = saved(bench, tmp_path)
    settings = msgspec.structs.replace(
        getattr(bench.config, algorithm), gamma=0.5, learning_rate=0.125
    )
    bench.config = msgspec.structs.replace(bench.config, **{algorithm: settings})
    model = loaded(bench, archive)
    assert model.gamma == 0.5
    if algorithm != "ppo":  # which adapts its rate
        assert {group["lr"] for group in model.actor.optimizer.param_groups} == {0.125}


def test_arrays_of_objects_are_refused_not_unpickled(sac: Bench, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    arrays = tmp_path / "forged.npz"
    stream = io.BytesIO()
    np.save(stream, np.array([None], object), allow_pickle=True)
    header = stream.getvalue().partition(b"\n")[0] + b"\n"
    with zipfile.ZipFile(arrays, "w") as archive:
        for name in (*_ROWS, *_LANDERS, "observation_mean"):
            archive.writestr(f"{name}.npy", header + pickled_code(marker))
    buffer = sac.model.replay_buffer  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="allow_pickle=False"):
        load_statistics(sac.normalizer, arrays)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        load_replay(buffer, arrays)
    assert not marker.exists()


def test_any_damage_is_one_kind_of_error(sac: Bench, tmp_path: Path) -> None:
    whole = saved(sac, tmp_path).read_bytes()
    with zipfile.ZipFile(tmp_path / "model.zip") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    draw = generator("model archive")
    refused = 0
    for _ in range(INPUTS // 3):
        path = tmp_path / "damaged.zip"
        path.write_bytes(whole)
        if draw.random() < 0.5:
            path.write_bytes(mutated(draw, [whole]))
        else:
            name = draw.choice(["data", *TENSORS])
            replace_member(path, name, mutated(draw, [members[name]]))
        try:
            read_archive(path)
        except ValueError:
            refused += 1
    assert refused > INPUTS // 10
