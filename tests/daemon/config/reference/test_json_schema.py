"""The JSON Schema of a configuration file accepts what the program accepts, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from daemon.config.judging.typed import type_faults
from daemon.config.reference.json_schema import json_schema, json_schema_text
from daemon.config.schema import Config
from tests.daemon.harness import ROOT
from tests.docs.test_snippets import TOML

TEXT = (ROOT / "config.toml").read_text(encoding="utf-8")
DEFAULTS = tomllib.loads(TEXT)
DEFAULTS.pop("vehicles")
SCHEMA = json_schema(TEXT)
FILE = ROOT / "docs" / "config.schema.json"
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
ODD: tuple[Any, ...] = (
    *(-1, 0, 1, 2, 3, 512, 513, 65_536, 2**31, -0.5, 0.05, 0.5, 1.5, 1e9 + 0.5),
    *(True, "", "x", "X Y", "warning", "alert", "06:00", "final"),
    *([], [1.5, 2.5], [1], [0.5, 0.5, 0.5], ["final"], ["x"], {}, {"x": "off"}, {"x": 1}),
)
KINDS = {field.name: field.type for field in msgspec.structs.fields(Config)}
TAPLO = shutil.which("taplo", path=str(Path(sys.executable).parent))


def faults(values: dict[str, Any]) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(values)]


def lint(*files: Path) -> subprocess.CompletedProcess[str]:
    assert TAPLO is not None
    command = [TAPLO, "lint", "--no-auto-config", "--schema", FILE.as_uri(), *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_the_file_is_that_of_the_program() -> None:
    assert FILE.read_text(encoding="utf-8") == json_schema_text(TEXT), (
        "run: landerctl config schema > docs/config.schema.json"
    )


def test_it_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)


def test_it_accepts_config_toml_and_each_default() -> None:
    assert faults(tomllib.loads(TEXT)) == []
    assert {name: section["type"] for name, section in SCHEMA["properties"].items()} == {
        name: "array" if name == "alerts" else "object"
        for name in (*Config.__struct_fields__, "vehicles")
    }


def names(place: str) -> list[str]:
    """The settings of a section, or of an entry of an array of tables."""
    section, _, array = place.partition(".")
    schema = SCHEMA["properties"][section]
    return list(
        (schema["properties"][array] if array else schema).get("items", schema)["properties"]
    )


def with_value(place: str, name: str, value: Any) -> dict[str, Any]:
    """A file that sets this one; an entry has all else that it needs."""
    if place == "alerts":
        return {"alerts": [{**DEFAULTS["alerts"][0], name: value}]}
    section, _, array = place.partition(".")
    if not array:
        return {section: {name: value}}
    entry = {
        "stages": DEFAULTS["curriculum"]["stages"][0],
        "targets": {"name": "one", "url": "file:///mnt"},
    }[array]
    return {section: {array: [{**entry, name: value}]}}


def accepted(file: dict[str, Any]) -> bool:
    """Whether the program accepts it, merged into the defaults, by its types and bounds."""
    for section, values in file.items():
        merged = {**DEFAULTS[section], **values} if isinstance(values, dict) else values
        if any(type_faults(merged, KINDS[section])):
            return False
    return True


@pytest.mark.parametrize(
    "place", [*DEFAULTS, "curriculum.stages", "notify.targets", "backup.targets"]
)
def test_it_judges_as_the_program(place: str) -> None:
    for name in names(place):
        for value in ODD:
            file = with_value(place, name, value)
            assert VALIDATOR.is_valid(file) is accepted(file), f"{place}.{name} = {value!r}"


@pytest.mark.parametrize("section", DEFAULTS)
def test_a_key_that_is_none_of_ours(section: str) -> None:
    file = {section: {"no_such_key": 1}}
    if section == "alerts":
        file = {section: [{**DEFAULTS["alerts"][0], "no_such_key": 1}]}  # type: ignore[dict-item]
    assert any("no_such_key" in fault for fault in faults(file))
    assert faults({"no_such_section": {}})


def test_the_table_of_a_vehicle_has_sections_of_a_run() -> None:
    assert faults({"vehicles": {"scout": {"ppo": {"gamma": 0.9}, "curriculum": {}}}}) == []
    assert "1.5 is greater" in faults({"vehicles": {"scout": {"ppo": {"gamma": 1.5}}}})[0]
    assert "'alerts' was unexpected" in faults({"vehicles": {"scout": {"alerts": []}}})[0]


def test_an_entry_needs_what_has_no_default() -> None:
    assert "'metric' is a required property" in faults({"alerts": [{"name": "x"}]})
    assert "'altitude_m' is a required property" in faults({"curriculum": {"stages": [{}]}})
    assert faults({"curriculum": {}, "run": {}}) == []


def test_what_an_editor_shows() -> None:
    sections = SCHEMA["properties"]
    gamma = sections["ppo"]["properties"]["gamma"]
    assert gamma["default"] == DEFAULTS["ppo"]["gamma"]
    assert "horizon of ten seconds" in gamma["description"]
    assert "a change is for new runs" in gamma["description"]
    timeout = sections["supervision"]["properties"]["stop_timeout_s"]
    assert "Unit: s. A change takes effect at the next start" in timeout["description"]
    assert timeout["x-landerctl"] == {"unit": "s"}
    assert sections["alerts"]["x-landerctl"] == {"applies": "at once"}
    mode = sections["run"]["properties"]["mode"]
    docs = dict(zip(mode["enum"], mode["x-taplo"]["docs"]["enumValues"], strict=True))
    assert docs["demo"] == "a short curriculum run"


def test_taplo_accepts_what_the_documents_show(tmp_path: Path) -> None:
    files = [ROOT / "config.toml"]
    for number, block in enumerate(TOML):
        files.append(tmp_path / f"{number}.toml")
        files[-1].write_text(block.text, encoding="utf-8")
    done = lint(*files)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[run]\nmode = "fast"\n', '"fast" is not one of'),
        ("[run]\nn_envs = 9999\n", "greater than the maximum of 512"),
        ("[ppo]\ngama = 0.9\n", "'gama' was unexpected"),
        ("[ppo]\nlearning_rate = 0.0\n", "less than or equal to the minimum of 0"),
        ("[td3]\naction_noise_sigma = [0.1]\n", "less than 2 items"),
        ('[[alerts]]\nname = "x"\n', '"metric" is a required property'),
        ('[reviews]\nat = "25:00"\n', "does not match"),
    ],
)
def test_taplo_refuses_and_says_why(text: str, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    done = lint(file)
    assert done.returncode == 1
    assert expected in done.stderr


def test_the_head_of_a_file_names_the_schema(tmp_path: Path) -> None:
    """As the documents say: beside the file, without a network."""
    (tmp_path / "config.schema.json").write_text(json_schema_text(TEXT), encoding="utf-8")
    file = tmp_path / "config.toml"
    file.write_text("#:schema ./config.schema.json\n[ppo]\ngamma = 2\n", encoding="utf-8")
    assert TAPLO is not None
    done = subprocess.run([TAPLO, "lint", str(file)], capture_output=True, text=True, check=False)
    assert "greater than the maximum of 1" in done.stderr
