from __future__ import annotations

from pathlib import Path

import pytest

from landerctl.tui.plotting.choice import MAX_SERIES, PlotChoice
from landerctl.tui.plotting.choice_file import DamagedChoicesError, read_choices, write_choices

CHOICES = {
    "chart": PlotChoice(("train/loss", "time/fps"), log=True, smoothing=0.9, by_time=True),
    "chart-beside": PlotChoice(("eval/mean_reward",), marks="all"),
}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "screen.json"
    assert read_choices(path) == {}
    write_choices(path, CHOICES)
    assert read_choices(path) == CHOICES
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"plots": {"chart": {"series": []}}}',
        b'{"plots": {"chart": {"series": ["a","b","c","d","e","f","g"]}}}',
        b'{"plots": {"chart": {"series": ["a"], "smoothing": 1.0}}}',
        b'{"plots": {"chart": {"series": ["a"], "marks": "some"}}}',
        b"[" * 50_000,
    ],
)
def test_a_damaged_file_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "screen.json"
    path.write_bytes(content)
    with pytest.raises(DamagedChoicesError, match=r"screen\.json cannot be used") as caught:
        read_choices(path)
    assert "\n" not in str(caught.value)


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "screen.json").mkdir()
    with pytest.raises(DamagedChoicesError):
        read_choices(tmp_path / "screen.json")


def test_a_plot_keeps_one_series_and_takes_six() -> None:
    choice = PlotChoice(("a",))
    assert choice.toggled("a") == choice
    for name in "bcdef":
        choice = choice.toggled(name)
    assert len(choice.series) == MAX_SERIES
    assert choice.toggled("g") == choice
    assert choice.toggled("a").series == tuple("bcdef")
