"""What the defaults and files set for one vehicle only."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.config import ConfigError, LoadedConfig, Sources, load_config, load_sources
from daemon.config.frozen import encode_frozen, load_frozen
from landerctl.operations.configuring.validation import all_faults
from tests.daemon.harness import ROOT

TABLE = "[vehicles.apollo-lm.ppo]\ngamma = 0.98\n"


def loaded(tmp_path: Path, *texts: str, settings: tuple[str, ...] = ()) -> LoadedConfig:
    files = []
    for number, text in enumerate(texts):
        files.append(tmp_path / f"{number}.toml")
        files[-1].write_text(text)
    return load_sources(Sources(tuple(map(str, files)), {}, settings))


def gamma(found: LoadedConfig) -> tuple[float, str]:
    return found.config.ppo.gamma, Path(str(found.layered.origin("ppo.gamma"))).name


def test_the_defaults_of_the_vehicle_that_is_flown(tmp_path: Path) -> None:
    apollo = "[fleet]\nvehicle = 'apollo-lm'\n"
    assert gamma(loaded(tmp_path)) == (0.99, "default")
    assert gamma(loaded(tmp_path, apollo)) == (0.995, "default of apollo-lm")
    option = loaded(tmp_path, settings=("fleet.vehicle=apollo-lm",))
    assert gamma(option) == (0.995, "default of apollo-lm")
    assert gamma(loaded(tmp_path, f"{apollo}[ppo]\ngamma = 0.9\n")) == (0.9, "0.toml:4")
    given = loaded(tmp_path, apollo, settings=("ppo.gamma=0.9",))
    assert gamma(given) == (0.9, "--set")


def test_a_copy_of_config_toml_means_what_it_means(tmp_path: Path) -> None:
    whole = (ROOT / "config.toml").read_text(encoding="utf-8")
    apollo = whole.replace('vehicle = "starship-hls"', 'vehicle = "apollo-lm"')
    assert apollo != whole
    assert loaded(tmp_path, whole).config == load_config(None).config
    copied = loaded(tmp_path, apollo)
    assert copied.config == loaded(tmp_path, settings=("fleet.vehicle=apollo-lm",)).config
    line = apollo.splitlines().index("[vehicles.apollo-lm.ppo]") + 2
    assert gamma(copied) == (0.995, f"0.toml:{line}")


def test_the_table_overrides_its_own_file_and_those_before(tmp_path: Path) -> None:
    flown = ("fleet.vehicle=apollo-lm",)
    general = "[ppo]\ngamma = 0.9\n"
    assert gamma(loaded(tmp_path, f"{general}{TABLE}", settings=flown)) == (0.98, "0.toml:4")
    assert gamma(loaded(tmp_path, f"{general}{TABLE}")) == (0.9, "0.toml:2")
    assert gamma(loaded(tmp_path, TABLE, general, settings=flown)) == (0.9, "1.toml:2")
    assert gamma(loaded(tmp_path, general, TABLE, settings=flown)) == (0.98, "1.toml:2")


def test_a_file_that_it_names_is_beside_it(tmp_path: Path) -> None:
    text = "[vehicles.apollo-lm.terrain]\nheight_map = 'crater.npy'\n"
    found = loaded(tmp_path, text, settings=("fleet.vehicle=apollo-lm",))
    assert found.config.terrain.height_map == str(tmp_path / "crater.npy")


def test_a_run_keeps_what_it_was_created_with(tmp_path: Path) -> None:
    kept = load_config(None, {"fleet": {"vehicle": "apollo-lm"}, "ppo": {"gamma": 0.99}}).config
    (tmp_path / "config.json").write_bytes(encode_frozen(kept))
    assert load_frozen(tmp_path / "config.json").ppo.gamma == 0.99


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("vehicles = 3\n", "line 1: vehicles: expected a table for each vehicle"),
        ("[vehicles]\napollo-lm = 3\n", "line 2: vehicles.apollo-lm: expected tables, as"),
        ("[vehicles.apollo-lm.alerts]\n", "line 1: vehicles.apollo-lm.alerts: is no section of"),
        ("[vehicles.apollo-lm.pppo]\n", "vehicles.apollo-lm.pppo: is no section of a run; did you"),
        ("[vehicles.apollo-lm.fleet]\nvehicle = 'x'\n", "line 2: vehicles.apollo-lm.fleet.vehicle"),
        # Judged although another vehicle is flown.
        ("[vehicles.apollo-lm.ppo]\ngamma = 2\n", "line 2: ppo.gamma = 2: expected float <= 1"),
        ("[vehicles.apollo-lm.ppo]\ngama = 1\n", "line 2: unknown key ppo.gama = 1; did you mean"),
    ],
)
def test_faults_are_named_with_their_lines(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text)
    assert said in str(caught.value)


def test_validation_knows_the_vehicles(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(TABLE.replace("apollo-lm", "appollo-lm"))
    (fault,), _ = all_faults([file])
    said = f"{file}:1: vehicles.appollo-lm: no such vehicle; did you mean 'apollo-lm'?"
    assert fault.one_line == said
    file.write_text(TABLE)
    assert all_faults([file])[0] == []
