"""No line of the program deserialises anything that could run code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("landerctl", "daemon", "env", "checks", "benchmarks")
MODULES = {"cloudpickle", "dill", "joblib", "jsonpickle", "marshal", "pickle", "shelve"}
# Of stable-baselines3: each of them unpickles, or reads an archive past our own checks.
FORBIDDEN = {
    "json_to_data",
    "load_from_pkl",
    "load_from_zip_file",
    "load_replay_buffer",
    "set_parameters",
}
# Whose `load` may be called, and the argument without which it would unpickle.
LOADERS = {
    "CODECS[request.kind]": None,  # of daemon/trainer/export: of what this process has just made
    "codec": None,  # the same
    "entry": None,  # an entry point of an installed plugin: importing it is its purpose
    "FleetSnapshot": None,
    "PolicyPilot": None,
    "factory": None,
    "np": ("allow_pickle", False),
    "safetensors": None,
    "tomllib": None,
    "torch": ("weights_only", True),
    "torch.export": None,  # of the archive that this process has just made, to compare its actions
}
ALLOWED = {("pickle", "UnpicklingError")}  # which is caught


def faults(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.partition(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom):
            for one in node.names:
                forbidden = one.name in FORBIDDEN or (node.module or "") in MODULES
                if forbidden and (node.module, one.name) not in ALLOWED:
                    yield f"{node.module}.{one.name}"
        elif isinstance(node, ast.Attribute) and node.attr in FORBIDDEN:
            yield node.attr
        elif isinstance(node, ast.Call):
            yield from _call(node)


def _call(node: ast.Call) -> Iterator[str]:
    given = {
        one.arg: one.value.value for one in node.keywords if isinstance(one.value, ast.Constant)
    }
    if isinstance(node.func, ast.Attribute) and node.func.attr == "load":
        whose = ast.unparse(node.func.value)
        if whose not in LOADERS:
            yield f"{whose}.load"
        elif (needed := LOADERS[whose]) and given.get(needed[0]) is not needed[1]:
            yield f"{whose}.load without {needed[0]}={needed[1]}"


def test_nothing_in_the_program_unpickles() -> None:
    files = [path for name in PACKAGES for path in (ROOT / name).rglob("*.py")]
    assert len(files) > 200
    found = {
        str(path.relative_to(ROOT)): broken
        for path in files
        if (broken := list(faults(path.read_text(encoding="utf-8"))))
    }
    assert not found


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "import cloudpickle as c",
        "from pickle import loads",
        "from stable_baselines3.common.save_util import load_from_zip_file",
        "model = PPO.load('model.zip')",
        "CLASSES[name].load(archive, env=environment)",
        "VecNormalize.load(path, fleet)",
        "model.set_parameters('model.zip')",
        "model.load_replay_buffer(path)",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
    ],
)
def test_the_rule_finds(source: str) -> None:
    assert list(faults(source))
