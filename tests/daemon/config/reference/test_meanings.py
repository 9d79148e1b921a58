"""config.toml has each setting of the schema, with its meaning, and no other; and the marks."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import inspect

from daemon.config.judging.typed import type_faults
from daemon.config.layering.layers import merge
from daemon.config.reference.meanings import Meanings, read_meanings, unit
from daemon.config.schema import Config
from daemon.config.sections import FROZEN, HOT
from tests.daemon.harness import ROOT

TEXT = (ROOT / "config.toml").read_text(encoding="utf-8")
DEFAULTS = tomllib.loads(TEXT)
VEHICLES = DEFAULTS.pop("vehicles")
MEANINGS = read_meanings(TEXT)


def settings(kind: Any, path: str = "") -> Iterator[tuple[str, inspect.Field]]:
    """Every field below a table, by its path; of a list's entries too."""
    for field in kind.fields:
        inner = f"{path}.{field.encode_name}" if path else field.encode_name
        yield inner, field
        below = field.type
        if isinstance(below, inspect.ListType):
            below, inner = below.item_type, f"{inner}[]"
        if isinstance(below, inspect.StructType):
            yield from settings(below, inner)


SETTINGS = dict(settings(inspect.type_info(Config)))


def test_each_setting_has_a_meaning() -> None:
    assert [path for path in SETTINGS if "." in path and not MEANINGS.texts.get(path)] == []


def test_no_comment_is_of_another_setting() -> None:
    keys = ("rollback.triggers.",)  # an alert rule each
    found = {re.sub(r"^vehicles\.[\w-]+\.", "", path) for path in MEANINGS.texts}
    assert {path for path in found if not path.startswith(keys)} - {"vehicles"} <= SETTINGS.keys()


def test_each_setting_has_a_default_within_its_bounds() -> None:
    paths = [path.split(".") for path in SETTINGS if "." in path and "[]" not in path]
    assert [path for path in paths if path[1] not in DEFAULTS[path[0]]] == []
    assert list(type_faults(DEFAULTS, Config)) == []
    for table in VEHICLES.values():
        assert list(type_faults(merge(DEFAULTS, table), Config)) == []


def test_config_toml_has_no_other_setting() -> None:
    assert DEFAULTS.keys() == set(Config.__struct_fields__)
    for section, values in DEFAULTS.items():
        if isinstance(values, dict):
            assert {f"{section}.{name}" for name in values} <= SETTINGS.keys()


def test_the_marks_are_those_of_the_program() -> None:
    assert MEANINGS.hot == HOT


def test_the_frozen_sections_are_the_first_as_the_head_says() -> None:
    sections = list(DEFAULTS)
    assert "[run] to [evaluation]" in TEXT
    assert sections[: sections.index("evaluation") + 1] == list(FROZEN)


def test_a_choice_is_named_in_the_meaning() -> None:
    choices = {
        path: field.type.values
        for path, field in SETTINGS.items()
        if isinstance(field.type, inspect.LiteralType) and path != "reviews.weekly_on"
    }
    assert len(choices) >= 8
    for path, values in choices.items():
        assert [value for value in values if str(value) not in MEANINGS.texts[path]] == [], path


def read(text: str) -> Meanings:
    return read_meanings(text)


def test_a_comment_that_goes_on() -> None:
    meanings = read(
        '[a]   # [hot] what it is\nb = "#" # of b ...\nc = 1 # ... and of c\n      # on two lines\n'
    )
    assert meanings.texts == {
        "a": "what it is",
        "a.b": "of b ...",
        "a.c": "of b ... and of c on two lines",
    }
    assert meanings.hot == {"a"}


def test_the_settings_of_an_arrays_entries() -> None:
    meanings = read(
        "# A rule has:\n"
        "#   name: its name\n"
        "# Optional:\n"
        "#   for_s: how long,\n"
        "#     before it fires\n"
        "[[rules]]\n"
        'name = "one" # of this one\n'
    )
    assert meanings.texts == {
        "rules": "A rule has:",
        "rules[].name": "its name",
        "rules[].for_s": "how long, before it fires",
    }


def test_a_block_before_an_empty_line_is_of_nothing() -> None:
    assert read("# The head.\n\n[a]\nb = 1 # c\n").texts == {"a.b": "c"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("crash_window_h", "h"),
        ("descent_rate_m_s", "m/s"),
        ("timesteps", "environment steps"),
        ("steps_per_s", "environment steps/s"),
        ("gamma", ""),
        ("growth_gb_per_day", "GB a day"),
    ],
)
def test_units(name: str, expected: str) -> None:
    assert unit(name) == expected
