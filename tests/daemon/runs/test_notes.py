"""notes.md: what is empty is filled, what people wrote stays."""

from __future__ import annotations

from daemon.runs.notes import BLANK, BY, DATE, SUCCESS_RATE, with_fields, with_note


def test_empty_fields_are_filled_and_written_ones_kept() -> None:
    mine = BLANK.replace(f"**{BY}:**", f"**{BY}:** me, at night")
    filled = with_fields(mine, {DATE: "2026-11-29", BY: "ada", SUCCESS_RATE: r"\1 71%"})
    assert f"**{DATE}:** 2026-11-29\n" in filled
    assert f"**{BY}:** me, at night\n" in filled
    assert f"**{SUCCESS_RATE}:** \\1 71%\n" in filled
    assert with_fields(filled, {DATE: "another"}) == filled


def test_a_field_without_a_value_stays_empty() -> None:
    assert with_fields(BLANK, {DATE: ""}) == BLANK


def test_notes_are_added_at_the_end() -> None:
    content = with_note(with_note(BLANK, "one"), "two")
    assert content.endswith("**Notes:**\n\n- one\n- two\n")
    assert with_note("mine, without a line break", "one") == "mine, without a line break\n\n- one\n"
