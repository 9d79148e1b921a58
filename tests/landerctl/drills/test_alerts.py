"""The drill `alerts`: which rules are drilled, and what its events say about deliveries."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from checks.checklist.model import Drill
from checks.checklist.table.all import LINES
from daemon.config import Config, load_config
from daemon.store.records import Event
from landerctl.drills.alerts import causes
from landerctl.drills.alerts.delivery import delivery_of, finding_of
from landerctl.drills.alerts.drill import DRILL, settings
from landerctl.drills.alerts.rules import Watched, watched
from landerctl.drills.scratch.home import merged

FILE = {"name": "file", "command": ["true"]}
PAGER = {"name": "pager", "command": ["true"], "min_severity": "critical"}


def configured(*targets: dict[str, Any], **sections: Any) -> Config:
    given = {"notify": {"targets": list(targets)}, **sections}
    return load_config(None, given).config


def changed(name: str, **fields: Any) -> Config:
    """The defaults with one target, and one rule changed."""
    rules = [
        {**rule, **fields} if rule["name"] == name else rule
        for rule in msgspec.to_builtins(configured(FILE).alerts)
    ]
    return merged(configured(FILE), {"alerts": rules})


@pytest.mark.parametrize("name", DRILL.keys)
def test_each_alert_has_a_default_rule_that_is_drilled_at_once(name: str) -> None:
    one = watched(configured(FILE, PAGER), name)
    assert isinstance(one, Watched)
    assert (one.rule.for_s, one.rule.action, one.rule.name) == (0.0, "notify", name)
    assert one.targets == (("file", "pager") if one.rule.severity == "critical" else ("file",))


def test_what_is_moved_is_said() -> None:
    one = watched(configured(FILE), "memory-high")
    assert isinstance(one, Watched)
    assert one.moved == "threshold moved from 90.0 to -1.0, for_s moved from 10.0 to 0.0"
    unmoved = watched(configured(FILE), "training-crashed")
    assert isinstance(unmoved, Watched) and unmoved.moved == ""


@pytest.mark.parametrize(
    ("config", "name", "text"),
    [
        (configured(), "disk-low", "no notification target is configured"),
        (configured(PAGER), "training-crashed", "no target of notify.targets wants severity"),
        (changed("disk-low", action="log"), "disk-low", "nobody is notified"),
        (changed("memory-high", threshold=95.0), "memory-high", "memory/used_percent above 90"),
        (changed("disk-low", threshold=5.0), "disk-low", "disk/free_gb below 10"),
        (changed("disk-low", metric="store/failing"), "disk-low", "disk/free_gb below 10"),
        (
            configured(FILE, divergence={"reward_drop": 0.5}),
            "reward-dropping",
            "a fall of 50% over 100,000 steps; the checklist asks for 20% over 100,000",
        ),
        (merged(configured(FILE), {"alerts": []}), "disk-low", "no alert rule 'disk-low'"),
        (
            configured(FILE, rollback={"triggers": {"stage-regressing": "off"}}),
            "stage-regressing",
            "rollback.triggers switches it off",
        ),
    ],
)
def test_why_nobody_would_be_notified(config: Config, name: str, text: str) -> None:
    found = watched(config, name)
    assert isinstance(found, str) and text in found


def events(*named: tuple[str, dict[str, Any]]) -> list[Event]:
    return [
        Event(number, 100.0 + number, name, "info", None, "", body)
        for number, (name, body) in enumerate(named)
    ]


FIRING = ("alert.firing", {"alert": "disk-low", "value": 55.5})
SENT = ("notify.sent", {"target": "file", "alerts": "memory-high, disk-low"})
FAILED = ("notify.failed", {"target": "web", "error": "no answer within 30 s"})


def test_an_alert_that_each_target_received() -> None:
    one = watched(configured(FILE), "disk-low")
    assert isinstance(one, Watched)
    delivery = delivery_of("disk-low", events(FIRING, SENT), -1)
    assert delivery.is_settled(one.targets)
    found = finding_of(one, delivery, cause="by the machine's own value", caused_s=98.5)
    assert found.holds
    assert found.text.startswith("fired at disk/free_gb = 55.5; delivered to file in 1.0 s; by the")
    assert (found.figures["fired_after_s"], found.figures["delivered"]) == (1.5, 1)


def test_a_target_that_failed_is_down_until_its_next_delivery() -> None:
    web = {"name": "web", "command": ["false"]}
    one = watched(configured(FILE, web), "disk-low")
    assert isinstance(one, Watched)
    delivery = delivery_of("disk-low", events(FAILED, FIRING, SENT), -1)
    assert delivery.is_settled(one.targets)
    found = finding_of(one, delivery, cause="", caused_s=0.0)
    assert found.holds is False
    assert "not to web: no answer within 30 s" in found.text
    again = ("notify.sent", {"target": "web", "alerts": "disk-low"})
    assert delivery_of("disk-low", events(FAILED, FIRING, SENT, again), -1).faults == {}


def test_only_what_followed_the_cause_counts() -> None:
    one = watched(configured(FILE), "disk-low")
    assert isinstance(one, Watched)
    before = delivery_of("disk-low", events(FIRING, SENT), 1)
    assert (before.fired, before.sent_s) == (None, {})
    found = finding_of(one, before, cause="nothing was done", caused_s=0.0)
    assert (found.holds, found.text.split(":")[0]) == (False, "the rule did not fire")


def test_the_drill_s_daemon_marks_what_it_sends_and_never_rolls_back() -> None:
    config = configured(FILE, rollback={"triggers": {"reward-not-finite": "rollback"}})
    one = watched(config, "reward-not-finite")
    assert isinstance(one, Watched)
    made = merged(config, settings(config, {"reward-not-finite": one}))
    assert made.notify.title_prefix == "[drill] "
    assert [rule.action for rule in made.alerts] == ["notify"]
    assert set(made.rollback.triggers.values()) == {"alert"}
    assert made.notify.targets == config.notify.targets


def test_the_trainings_are_one_run_and_differ_in_what_they_must() -> None:
    config = configured(FILE)
    stages = causes.landing(config).curriculum.stages
    assert causes.forgetting(config).curriculum.stages == stages
    assert causes.overflowing(config).ppo.vf_coef == 1e300
    first, second = causes.regressing(config).curriculum.stages
    assert (first.mastery_success_rate, second.gate_mean_reward) == (0.0, 1e9)


def test_the_drill_has_the_table_s_keys() -> None:
    lines = {
        line.judge.finding
        for line in LINES
        if isinstance(line.judge, Drill) and line.judge.name == DRILL.name
    }
    assert lines == set(DRILL.keys)
