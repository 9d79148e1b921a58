"""The settings one by one: their names, and that none shows a secret."""

from __future__ import annotations

from pathlib import Path

from daemon.config import load_config
from daemon.config.layering.settings import HIDDEN, differences, settings_of, text_of
from daemon.config.secrets import MISUSED, TARGETS, VALUES

SECRETS = """
[[notify.targets]]
name = "phone"
url = "ntfy://user:SECRET@host"

[[notify.targets]]
name = "pager"
command = ["send", "--token", "SECRET"]
min_severity = "critical"

[[backup.targets]]
name = "cloud"
url = "s3://user:SECRET@bucket"
options_file = "SECRET.toml"
"""


def test_elements_are_named_and_list_only_what_is_set() -> None:
    by_name = {one.name: one for one in settings_of(load_config(None).config)}
    assert (
        by_name["curriculum.stages.approach.ramp_steps"].path == "curriculum.stages[1].ramp_steps"
    )
    assert by_name["alerts.disk-low.threshold"].value == 10.0
    assert "alerts.disk-low.armed_at" not in by_name
    assert by_name["rollback.triggers.memory-growing"].text == '"alert"'
    assert by_name["network.hidden"].text == "[128, 128]"
    assert by_name["notify.targets"].text == "[]"


def test_no_value_of_a_target_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(SECRETS)
    found = list(settings_of(load_config(file).config))
    assert "SECRET" not in "".join(f"{one.name} {one.text} {one.shown}" for one in found)
    hidden = {one.name for one in found if one.hidden}
    named = {"notify.targets[]": ("phone", "pager"), "backup.targets[]": ("cloud",)}
    for path in (*VALUES, *MISUSED):
        if "[]" not in path:
            continue  # refused where it has a password
        table, _, key = path.rpartition(".")
        assert {f"{table.removesuffix('[]')}.{name}.{key}" for name in named[table]} & hidden
    shown = {one.name: one.text for one in found if one.name.startswith(TARGETS)}
    assert shown["notify.targets.phone.url"] == HIDDEN
    assert shown["notify.targets.pager.min_severity"] == '"critical"'
    other = tmp_path / "other.toml"
    other.write_text(SECRETS.replace("phone", "mobile").replace("bucket", "other"))
    changes = differences(found, settings_of(load_config(other).config))
    assert {one.name for one in changes} == {
        "notify.targets.phone.name",
        "notify.targets.mobile.name",
        "backup.targets.cloud.url",
    }


def test_values_are_written_as_toml() -> None:
    assert text_of(True) == "true"
    assert text_of((1.0, 2)) == "[1.0, 2]"
    assert text_of('a "b"') == '"a \\"b\\""'
    assert text_of({}) == "{}"
