"""Older files become today's: nothing is lost but what the table removes, and a second time nothing
changes.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec
import pytest
from msgspec import inspect

from daemon.config import ConfigError, load_config
from daemon.config.migration.migrate import CannotMigrateError, migrate
from daemon.config.migration.table import CONVERSIONS, MOVES, REMOVALS
from daemon.config.schema import Config
from tests.daemon.config.reference.test_meanings import SETTINGS

OLD = """\
#:schema ./config.schema.json
# Mine.

[reviews]  # of reviews
daily = false
# A target may lag so long,
#  half an hour.
offsite_delay_s = 1_800.0   # seconds
at = "07:00"

[ppo]
n_steps = 64
target_kl = 0.03 # stops early
gamma = 0.9

[td3]
action_noise_sigma = 0.1 # noise

[notify]
group_wait_s = 5.0
"""
NEW = """\
#:schema ./config.schema.json
# Mine.

[reviews]  # of reviews
daily = false
at = "07:00"

[ppo]
n_steps = 64
gamma = 0.9

[td3]
action_noise_sigma = [0.1, 0.1] # noise

[notify]
group_wait_s = 5.0

[checklist]
# A target may lag so long,
#  half an hour.
offsite_delay_s = 1_800.0   # seconds
"""


def test_comments_and_order_stay() -> None:
    done = migrate(OLD)
    assert done.text == NEW
    assert done.undecided == []
    assert [change.partition(": ")[0] for change in done.changes] == [
        "line 8",
        "line 13",
        "line 17",
    ]
    assert "reviews.offsite_delay_s: is now checklist.offsite_delay_s" in done.changes[0]
    assert "desired_kl" in done.changes[1]


def test_a_second_time_changes_nothing() -> None:
    again = migrate(NEW)
    assert (again.text, again.changes) == (NEW, [])


def test_the_result_is_valid_and_the_old_file_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(OLD)
    with pytest.raises(ConfigError) as raised:
        load_config(file)
    for hint in (
        "it is now checklist.offsite_delay_s",
        "it was removed",
        "`landerctl config migrate`",
    ):
        assert hint in str(raised.value)
    assert "a range, spread over the landers" in str(raised.value)
    file.write_text(NEW)
    assert load_config(file).config.checklist.offsite_delay_s == 1800.0


def test_the_table_is_of_this_schema() -> None:
    """What was moved is no setting any more, where it went is one."""
    for move in MOVES:
        assert move.old not in SETTINGS
        assert move.new in SETTINGS
    for removal in REMOVALS:
        assert removal.old not in SETTINGS
    for one in CONVERSIONS:
        assert one.setting in SETTINGS
    assert isinstance(inspect.type_info(Config), inspect.StructType)


def test_a_converted_value_is_valid() -> None:
    for one in CONVERSIONS:
        if one.convert is not None:
            section, _, name = one.setting.partition(".")
            kind = SETTINGS[one.setting]
            value = one.convert(0.25)
            assert not one.outdated(value)
            defaults = msgspec.to_builtins(load_config(None).config)
            msgspec.convert(defaults | {section: defaults[section] | {name: value}}, Config)
            assert kind.encode_name == name


def test_into_each_stage() -> None:
    done = migrate(
        "[curriculum]\n"
        "mastery_timesteps = 4_000_000 # each\n\n"
        '[[curriculum.stages]]\nname = "a"\n\n'
        '[[curriculum.stages]]\nname = "b"\nmastery_timesteps = 7\n'
    )
    assert done.text == (
        "[curriculum]\n\n"
        '[[curriculum.stages]]\nname = "a"\nmastery_timesteps = 4_000_000 # each\n\n'
        '[[curriculum.stages]]\nname = "b"\nmastery_timesteps = 7\n'
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[curriculum]\nmastery_timesteps = 4\n", "line 2: .*set it in each of"),
        ("[reviews]\noffsite_delay_s = 1\n[checklist]\noffsite_delay_s = 2\n", "is set too"),
        ("checklist = 1\n[reviews]\noffsite_delay_s = 1\n", "is no table"),
        ("[[curriculum.stages]]\n\n[[curriculum.stages]]\npropellant_t = 1\n", "line 4: .*delta_v"),
        ("[sac]\ngradient_steps = -1\n", "line 2: sac.gradient_steps: set the number"),
    ],
)
def test_what_only_the_user_can_decide_is_left(text: str, says: str) -> None:
    done = migrate(text)
    assert (done.text, done.changes) == (text, [])
    (line,) = done.undecided
    assert re.search(says, line), line


@pytest.mark.parametrize(
    "text",
    [
        "reviews.offsite_delay_s = 5 # c\nrun.n_envs = 3\n",
        "reviews = { offsite_delay_s = 5, daily = true } # c\n",
        "[reviews]\nestimate_total_h = [ # a\n  1.0, 2.0, # b\n 3.0]\n",
        "[reviews]\noffsite_delay_s = 5\n[checklist]\n\n# cores\ncores = 3\n\n[tui]\nbell = true\n",
        "[reviews]\noffsite_delay_s = 5\n[checklist]\noffsite_delay_s = 5\n",
        '[curriculum]\nmastery_timesteps = 3\nstages = [{name = "a"}, {name = "b"}]\n',
        "[ppo]\r\ntarget_kl = 3\r\n\r\n[tui]\r\n",
    ],
)
def test_other_forms_of_toml(text: str) -> None:
    done = migrate(text)
    assert len(done.changes) == 1
    assert migrate(done.text).changes == []
    values = tomllib.loads(done.text)
    assert "offsite_delay_s" not in values.get("reviews", {})


@pytest.mark.parametrize("text", ["", "# only\n", "reviews = 3\nppo = []\ncurriculum = 1\n"])
def test_nothing_to_do(text: str) -> None:
    assert migrate(text).text == text


@pytest.mark.parametrize("text", ["[a", "a = 1\na = 2\n", "\ta = \x00"])
def test_no_toml(text: str) -> None:
    with pytest.raises(CannotMigrateError):
        migrate(text)
