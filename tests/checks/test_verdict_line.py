"""The output line for monitoring systems, for any texts and values."""

from __future__ import annotations

import math
import re

from hypothesis import given
from hypothesis import strategies as st

from checks.verdict import Level, Perf, Verdict, render, render_perf, worst

# The guidelines' grammar of one perfdata value.
FIGURE = re.compile(
    r"'[^'=]+'=(U|-?[0-9]+(\.[0-9]+)?(s|%|B|c)?)"
    r"(;(@?[-~:.0-9]*)(;(@?[-~:.0-9]*)(;(-?[.0-9]*)(;(-?[.0-9]*))?)?)?)?"
)
ranges = st.sampled_from(["", "10", "10:", "~:90", "5:60", "@1:2"])
perfs = st.builds(
    Perf,
    label=st.text(min_size=1),
    value=st.none() | st.floats(),
    unit=st.sampled_from(["", "s", "%", "B", "c"]),
    warn=ranges,
    crit=ranges,
    minimum=st.none() | st.floats(-1e9, 1e9),
    maximum=st.none() | st.floats(-1e9, 1e9),
)
verdicts = st.builds(
    Verdict,
    check=st.sampled_from(["daemon", "disk", "memory"]),
    level=st.sampled_from(Level),
    text=st.text(min_size=1),
    perf=st.lists(perfs, max_size=3).map(tuple),
)


@given(st.lists(verdicts, max_size=6))
def test_the_line_can_be_parsed(given_verdicts: list[Verdict]) -> None:
    line = render(given_verdicts)
    assert len(line.splitlines()) == 1
    level = worst([verdict.level for verdict in given_verdicts])
    assert line.startswith(f"LANDERCTL {level.name} - ")
    text, bar, figures = line.partition(" | ")
    count = sum(len(verdict.perf) for verdict in given_verdicts)
    assert "|" not in text
    assert bool(bar) == bool(count)
    found = [match.group(0) for match in FIGURE.finditer(figures)]
    assert " ".join(found) == figures
    assert len(found) == count


@given(perfs.filter(lambda perf: perf.label.strip("'=| \t\n\r")))
def test_perfdata_keeps_its_value(perf: Perf) -> None:
    value = render_perf(perf).rpartition("'=")[2].split(";")[0]
    if perf.value is None or not math.isfinite(perf.value):
        assert value == "U"
    else:
        assert float(value.rstrip("s%Bc")) == round(perf.value, 6)


@given(st.lists(st.sampled_from(Level), min_size=1), st.sampled_from(Level))
def test_worst_is_one_of_the_levels_and_monotonic(levels: list[Level], another: Level) -> None:
    badness = [Level.OK, Level.UNKNOWN, Level.WARNING, Level.CRITICAL]
    assert worst(levels) in levels
    assert badness.index(worst([*levels, another])) >= badness.index(worst(levels))


def test_problems_come_worst_first_and_the_rest_is_named() -> None:
    line = render(
        [
            Verdict("daemon", Level.OK, "runs"),
            Verdict("disk", Level.WARNING, "nearly full"),
            Verdict("memory", Level.UNKNOWN, "not measured"),
            Verdict("alerts", Level.CRITICAL, "one fires"),
        ]
    )
    assert line == (
        "LANDERCTL CRITICAL - alerts: one fires; disk: nearly full; unknown: memory; OK: daemon"
    )


def test_a_pipe_and_a_line_break_in_a_text_are_harmless() -> None:
    line = render([Verdict("disk", Level.OK, "a|b\nc")])
    assert line == "LANDERCTL OK - disk: a/b c"
