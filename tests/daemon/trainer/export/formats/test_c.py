"""The C file compiles without a warning, acts as stable-baselines3, and keeps to its memory."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import pytest

from daemon.trainer.export.formats.c99.codec import encode_c, load_c
from daemon.trainer.export.formats.c99.compiled import CompilerError, compile_c, find_compiler
from daemon.trainer.export.layers import Layer
from daemon.trainer.export.source import Source
from tests.daemon.trainer.export.models import (
    ALGORITHMS,
    N_ACTIONS,
    N_OBSERVATIONS,
    config_of,
    expected_actions,
    model_of,
    observations_of,
    source_of,
)

try:
    find_compiler()
except CompilerError as reason:
    pytestmark = pytest.mark.skip(reason=str(reason))

Array = npt.NDArray[np.float32]
EXAMPLE = Path(__file__).parents[5] / "examples" / "export" / "controller.c"
STRICTER = ["-Wconversion", "-Wdouble-promotion", "-Wshadow", "-Wmissing-prototypes", "-Wundef"]
SANITIZED = ["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


@cache
def exported(algorithm: str) -> tuple[Source, Array, Array]:
    """A random policy, observations, and stable-baselines3's actions for them."""
    config = config_of(algorithm)
    model, normalizer = model_of(config)
    observations = observations_of(normalizer, 300)
    expected = expected_actions(model, normalizer, observations)
    return source_of(config, model, normalizer), observations, expected


def program(source: Source, folder: Path, *flags: str) -> Path:
    written = folder / "my policy.c"
    written.write_bytes(encode_c(source))
    compile_c(["-DLANDING_POLICY_MAIN", *STRICTER, *flags, str(written)], folder / "policy")
    return folder / "policy"


def read_text(output: bytes) -> Array:
    return np.array([line.split() for line in output.decode().splitlines()], np.float32)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_it_acts_as_the_model_under_sanitizers_too(algorithm: str, tmp_path: Path) -> None:
    source, observations, expected = exported(algorithm)
    np.testing.assert_allclose(load_c(encode_c(source))(observations), expected, rtol=0, atol=1e-5)
    # -O1: what is optimised away cannot be checked.
    command = [str(program(source, tmp_path, *SANITIZED, "-O1")), "binary"]
    done = subprocess.run(command, input=observations.tobytes(), capture_output=True, check=True)
    assert not done.stderr
    actions = np.frombuffer(done.stdout, np.float32).reshape(-1, N_ACTIONS)
    np.testing.assert_allclose(actions, expected, rtol=0, atol=1e-5)


def test_its_main_reads_and_writes_text(tmp_path: Path) -> None:
    source, observations, expected = exported("ppo")
    command = [str(program(source, tmp_path))]

    def run(text: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [*command, *arguments], input=text.encode(), capture_output=True, check=False
        )

    lines = "\n".join(" ".join(map(str, row.tolist())) for row in observations[:20])
    done = run(lines)
    assert (done.returncode, done.stderr) == (0, b"")
    np.testing.assert_allclose(read_text(done.stdout), expected[:20], rtol=0, atol=1e-5)
    short = run("1 2 3")
    assert short.returncode == 1
    assert f"got 3 of {N_OBSERVATIONS} numbers" in short.stderr.decode()
    assert run("1 x").returncode == 1
    assert run("").returncode == 0
    assert run("", "--help").returncode == 2
    spoilt = run(lines.replace(lines.split()[0], "nan", 1))
    assert np.isnan(read_text(spoilt.stdout)[0]).all()


def test_the_example_holds_its_action_where_an_observation_is_faulty(tmp_path: Path) -> None:
    source, observations, expected = exported("ppo")
    written = tmp_path / "landing_policy.c"
    written.write_bytes(encode_c(source))
    sizes = [f"-DOBSERVATIONS={N_OBSERVATIONS}", f"-DACTIONS={N_ACTIONS}"]
    controller = tmp_path / "controller"
    compile_c([*STRICTER, *sizes, str(EXAMPLE), str(written)], controller)
    rows = observations[:3].copy()
    rows[1, 5] = np.nan
    lines = "\n".join(" ".join(map(str, row.tolist())) for row in rows)
    done = subprocess.run([str(controller)], input=lines.encode(), capture_output=True, check=True)
    actions = read_text(done.stdout)
    np.testing.assert_allclose(actions, expected[[0, 0, 2]], rtol=0, atol=1e-5)


def test_the_object_has_only_constants_and_needs_only_tanh(tmp_path: Path) -> None:
    if shutil.which("nm") is None:
        pytest.skip("no nm here")
    source, _, _ = exported("ppo")
    written = tmp_path / "landing_policy.c"
    written.write_bytes(encode_c(source))
    compile_c(["-c", str(written)], tmp_path / "policy.o")
    listed = subprocess.run(
        ["nm", "-P", str(tmp_path / "policy.o")], capture_output=True, text=True, check=True
    ).stdout
    kinds = {line.split()[0]: line.split()[1] for line in listed.splitlines()}
    assert {name for name, kind in kinds.items() if kind == "U"} == {"tanhf"}
    assert {kind for kind in kinds.values() if kind in "BbDdCc"} == set()
    assert {name for name, kind in kinds.items() if kind == "T"} == {"landing_policy"}


def test_constants_are_exact() -> None:
    source, observations, _ = exported("ppo")
    identity = Layer(np.eye(N_OBSERVATIONS, dtype=np.float32), np.zeros(N_OBSERVATIONS, np.float32))
    small = np.array([1e-45, -1e-38, 0.1, -1.0, 0.0], np.float32)
    bias = np.resize(small, N_OBSERVATIONS)
    layer = Layer(np.zeros_like(identity.weight), bias)
    policy = replace(source.policy, layers=(identity, layer), activation="relu", output="clip")
    actions = load_c(encode_c(replace(source, policy=policy)))(observations[:1])
    np.testing.assert_array_equal(actions[0], bias)


def test_no_name_ends_the_comment_and_nothing_unfinite_is_written() -> None:
    source, observations, _ = exported("ppo")
    training = msgspec.structs.replace(source.card.training, run_name="a */ int x; /* µ \\ ??/")
    named = replace(source, card=msgspec.structs.replace(source.card, training=training))
    assert load_c(encode_c(named))(observations[:1]).shape == (1, N_ACTIONS)
    *layers, last = source.policy.layers
    broken = replace(last, bias=np.full_like(last.bias, np.nan))
    policy = replace(source.policy, layers=(*layers, broken))
    with pytest.raises(ValueError, match="not finite"):
        encode_c(replace(source, policy=policy))


def test_a_missing_compiler_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CC", "no-such-compiler -m64")
    with pytest.raises(CompilerError, match="no-such-compiler"):
        compile_c([], tmp_path / "out")
    monkeypatch.delenv("CC")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CompilerError, match="no C compiler found"):
        find_compiler()


def test_a_file_that_does_not_compile_is_refused() -> None:
    source, _, _ = exported("ppo")
    content = encode_c(source)
    with pytest.raises(CompilerError, match="error"):
        load_c(content.replace(b"#include <math.h>", b"#include <no-math.h>"))
    with pytest.raises(CompilerError, match="no declaration"):
        load_c(b"int x;")
