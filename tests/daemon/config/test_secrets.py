"""No secret of a configuration is in a message, a traceback or a printed object."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.pretty import pretty_repr

from daemon.base.secrets.redaction import HIDDEN, redact
from daemon.config import Config, ConfigError, load_config
from daemon.config.secrets import FILES, MISUSED, VALUES, open_files
from tests.planted import BREAKS, COMMAND, TARGETS, URL, Break, leaked, plant

# Every other setting that takes any text: none of them is a place for a secret.
HARMLESS = {
    "run.device",
    "fleet.vehicle",
    "terrain.height_map",
    "curriculum.stages[].name",
    "alerts[].name",
    "alerts[].metric",
    "alerts[].summary",
    "notify.title_prefix",
    "notify.targets[].name",
    "notify.targets[].plugin",
    "backup.targets[].name",
    "backup.directory",
    "reviews.at",
    "reviews.targets",
    "tracking.experiment",
    "tracking.metrics",
}


def texts(node: Any, path: str = "") -> Iterator[str]:
    """Each setting of the schema that takes any text."""
    inspect = msgspec.inspect
    match node:
        case inspect.StructType():
            for field in node.fields:
                yield from texts(field.type, f"{path}.{field.encode_name}".removeprefix("."))
        case inspect.ListType(item_type=inspect.StructType() as item):
            yield from texts(item, f"{path}[]")
        case inspect.ListType(item_type=item):
            yield from texts(item, path)
        case inspect.UnionType():
            for one in node.types:
                yield from texts(one, path)
        case inspect.StrType():
            yield path


def test_every_text_setting_is_known_to_hold_a_secret_or_not() -> None:
    """A new one must be entered in daemon/config/secrets.py, or above."""
    found = set(texts(msgspec.inspect.type_info(Config)))
    assert found == HARMLESS | set(VALUES) | set(FILES) | set(MISUSED)


@pytest.mark.parametrize("how", BREAKS, ids=lambda how: how.name)
def test_no_error_contains_a_secret(tmp_path: Path, how: Break) -> None:
    config = plant(tmp_path, how.change(TARGETS))
    with pytest.raises(ConfigError) as caught:
        load_config(config)
    assert str(caught.value).startswith(f"{config}: ")
    assert str(caught.value).isprintable()
    assert leaked("".join(traceback.format_exception(caught.value))) == []


def test_a_misspelt_section_is_named(tmp_path: Path) -> None:
    config = plant(tmp_path, TARGETS.replace("[[notify.targets]]", "[[notify.target]]"))
    with pytest.raises(ConfigError, match=r"unknown key notify\.target; did you mean 'targets'"):
        load_config(config)


def test_a_printed_configuration_shows_no_secret(tmp_path: Path) -> None:
    config = load_config(plant(tmp_path, TARGETS)).config
    assert leaked(repr(config)) == leaked(pretty_repr(config)) == []
    assert "NotifyTarget(name='mail')" in repr(config)


def test_what_was_read_is_hidden_wherever_it_is_written(tmp_path: Path) -> None:
    config = load_config(plant(tmp_path, TARGETS)).config
    url = config.notify.targets[0].url
    assert redact(f"failed: {url!r}, {COMMAND}!") == f"failed: '{HIDDEN}', {HIDDEN}!"


def test_files_are_looked_up_beside_the_configuration(tmp_path: Path) -> None:
    config = load_config(plant(tmp_path, TARGETS)).config
    assert config.notify.targets[2].url_file == str(tmp_path / "phone")
    assert config.backup.targets[0].options_file == str(tmp_path / "options")
    assert config.checks.ping_url_file == str(tmp_path / "ping")


@pytest.mark.parametrize("name", ["phone", "options", "ping", "config.toml"])
def test_a_file_that_others_can_read_is_named_with_the_fix(tmp_path: Path, name: str) -> None:
    path = plant(tmp_path, TARGETS)
    assert open_files(load_config(path).config, path) == []
    (tmp_path / name).chmod(0o640)
    [fault] = open_files(load_config(path).config, path)
    assert re.search(rf"{name}: .* open to others \(mode 640\); run `chmod 600 .*{name}`$", fault)


def test_a_configuration_without_a_secret_may_be_read_by_all(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"[ppo]\ngamma = 0.9\n# {URL}\n")
    path.chmod(0o644)
    assert open_files(load_config(path).config, path) == []
