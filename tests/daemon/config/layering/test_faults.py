"""Every fault at once: of types, and between the settings whose types are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.config.judging.syntax import MOST, without_faults
from daemon.config.load import file_layer, layered_faults

RULE = "[[alerts]]\nname = 'mine'\nmetric = 'm'\ncomparison = 'above'\nthreshold = 1.0\n"
WHOLE = RULE + "for_s = 0.0\nseverity = 'info'\nsummary = 'x'\n"


def faults(text: str) -> list[str]:
    _, found = layered_faults([file_layer(Path("/f.toml"), text)])
    return [one.one_line.removeprefix("/f.toml:") for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[ppo]\ngamma = 2.0\n[supervision]\nbackoff_initial_s = 99.0\n",
            ["2: ppo.gamma = 2.0: expected", "4: supervision.backoff_initial_s = 99: must not"],
        ),
        # Not judged: the other one of the pair is no number.
        (
            "[supervision]\nbackoff_initial_s = 99.0\nbackoff_max_s = 'x'\n",
            ["3: supervision.backoff_max_s: expected float"],
        ),
        # A faulty rule keeps its name.
        (
            f"{RULE}{WHOLE}armed_at = 5.0\n[rollback.triggers]\nmine = 'off'\nours = 'off'\n",
            [
                *(f"1: alerts.mine: missing key {key}" for key in ("for_s", "severity", "summary")),
                "7: alerts: the name 'mine' is used twice",
                "14: alerts.mine.armed_at = 5: expected 1 or a better",
                "17: rollback.triggers.ours = 'off': no alert rule",
            ],
        ),
        (
            "alerts = [1, 2]\n",
            ["1: alerts[0] = 1: expected object", "1: alerts[1] = 2: expected object"],
        ),
        (
            "[notify]\ntargets = 5\n[reviews]\ntargets = ['x']\n",
            ["2: notify.targets: expected array"],
        ),
    ],
)
def test_all_at_once(text: str, expected: list[str]) -> None:
    found = faults(text)
    assert len(found) == len(expected), found
    for one, begin in zip(found, expected, strict=True):
        assert one.startswith(begin)


def test_the_rest_of_a_text_with_mistakes_keeps_its_lines() -> None:
    text = "[run]\nmode = demo\nseed = 1\n[fleet\nthreads = 2\n[ppo]\ngamma = 0.9\ngamma = 0.8\n"
    rest, found = without_faults(text)
    assert [one.line for one in found] == [2, 4, 8]
    assert rest.split("\n") == ["[run]", "", "seed = 1", "", "", "[ppo]", "gamma = 0.9", "", "", ""]
    assert without_faults("[run]\nseed = 1")[1] == []
    assert [one.line for one in without_faults("secret\n" * 1000)[1]] == [1]
    assert len(without_faults("x = secret\n" * 1000)[1]) == MOST


@pytest.mark.parametrize(
    "text",
    ["x = [1,\ny = 2\n", 'x = """a\nb\n', "x = [\n1 2,\n3]\n", "[a]\n[a]\n", "[a\n", "\0\n", "=\n"],
)
def test_a_mistake_is_one_fault(text: str) -> None:
    rest, found = without_faults("[run]\n" + text + "[tui]\nbell = true\n")
    assert len(found) == 1
    assert rest.endswith("[tui]\nbell = true\n\n") or '"""' in text


def test_a_faulty_trigger_is_one_fault() -> None:
    [one] = faults("[rollback.triggers]\nours = 'stop'\n")
    assert one.startswith("2: rollback.triggers[...]")
