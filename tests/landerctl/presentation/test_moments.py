from __future__ import annotations

from datetime import datetime

import pytest

from landerctl.presentation.moments import parse_moment

NOW = datetime(2026, 11, 29, 14, 0, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2h", datetime(2026, 11, 29, 12)),
        ("-2h", datetime(2026, 11, 29, 12)),
        ("90 min ago", datetime(2026, 11, 29, 12, 30)),
        ("03:12", datetime(2026, 11, 29, 3, 12)),
        ("3:12:10", datetime(2026, 11, 29, 3, 12, 10)),
        ("22:00", datetime(2026, 11, 28, 22)),  # today it is not 22:00 yet
        ("yesterday 22:00", datetime(2026, 11, 28, 22)),
        ("Yesterday 03:12", datetime(2026, 11, 28, 3, 12)),
        ("today 03:12", datetime(2026, 11, 29, 3, 12)),
        ("2026-01-31T14:00", datetime(2026, 1, 31, 14)),
        ("2026-01-31 14:00:05", datetime(2026, 1, 31, 14, 0, 5)),
    ],
)
def test_moments_as_people_write_them(text: str, expected: datetime) -> None:
    assert parse_moment(text, NOW.timestamp()) == expected.timestamp()


@pytest.mark.parametrize("text", ["", "soon", "25:00", "03:61", "2026-13-01", "yesterday", "--2h"])
def test_other_texts_are_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time; write 2h for two hours ago"):
        parse_moment(text, NOW.timestamp())
