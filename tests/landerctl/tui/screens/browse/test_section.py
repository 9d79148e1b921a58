from __future__ import annotations

from textual.content import Content

from landerctl.tui.screens.browse.section import Row, Section, listed, section_of


def row(id_: str, text: str) -> Row:
    return Row(id_, Content(text), lambda width: [Content(text)])


def section(id_: str, *rows: Row) -> Section:
    return Section(id_, Content(id_), lambda width: [], rows)


FOUND = [
    section("fruit", row("apple", "Apple, red"), row("pear", "Pear, green")),
    section("none"),
    section("trees", row("oak", "Oak, green")),
]


def ids(expanded: set[str], words: str = "") -> list[str]:
    return [line.row.id for line in listed(FOUND, expanded, words)]


def test_headings_and_the_rows_of_what_is_expanded() -> None:
    assert ids(set()) == ["fruit", "none", "trees"]
    assert ids({"trees"}) == ["fruit", "none", "trees", "oak"]
    texts = [line.text.plain for line in listed(FOUND, {"trees"}, "")]
    assert texts == ["▸ fruit", "  none", "▾ trees", "   Oak, green"]


def test_a_filter_shows_matching_rows_of_all_sections() -> None:
    assert ids(set(), "GREEN") == ["fruit", "pear", "trees", "oak"]
    assert ids(set(), "nothing like it") == []


def test_the_section_of_a_row_and_of_a_heading() -> None:
    assert section_of(FOUND, "oak") is FOUND[2] is section_of(FOUND, "trees")
    assert section_of(FOUND, "yew") is None
