from __future__ import annotations

from landerctl.tui.plotting.metric import metric_of
from landerctl.tui.plotting.search import Entry, entry_of, rank

NAMES = (
    "train/value_loss",
    "train/loss",
    "landing/distance_m",
    "episode/success_rate_100",
    "rollout/success_rate",
    "outcome/landed",
    "my/own",
)
ENTRIES = [entry_of(name) for name in NAMES]


def found(query: str) -> list[str]:
    return [entry.series for entry in rank(query, ENTRIES)]


def test_without_a_query_everything_is_found_in_order() -> None:
    assert found(" ") == list(NAMES)


def test_a_word_that_begins_so_is_better_than_letters_in_between() -> None:
    assert found("loss")[:2] == ["train/value_loss", "train/loss"]
    assert found("train/loss")[0] == "train/loss"
    assert found("LAND")[:2] == ["landing/distance_m", "outcome/landed"]


def test_first_letters_of_words_are_better_than_others() -> None:
    names = ["eval/loss", "train/value_loss"]
    assert [entry.series for entry in rank("vl", list(map(entry_of, names)))] == names[::-1]


def test_letters_that_are_closer_together_are_better() -> None:
    entries = [Entry("axxxxb", "", ""), Entry("xaxb", "", "")]
    assert [entry.series for entry in rank("ab", entries)] == ["xaxb", "axxxxb"]


def test_the_meaning_is_searched_too() -> None:
    assert found("touchdown") == []
    assert "landing/distance_m" in found("from the pad")
    assert found("no such thing") == []


def test_an_entry_has_the_catalogues_unit_and_meaning() -> None:
    assert entry_of("landing/distance_m").unit == "m"
    assert entry_of("episode/success_rate_100").meaning.startswith("Success rate: share that")
    assert entry_of("my/own") == Entry("my/own", "", "")


def test_control_characters_of_a_name_are_shown_escaped() -> None:
    assert metric_of("own/\x1b[2J").title == "own/␛[2J"
