"""The report in HTML: one file, nothing in it is executed or loaded, and it is readable."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import pairwise

import pytest

from landerctl.report.content import build
from landerctl.report.html import render
from landerctl.report.style import DARK, LIGHT
from tests.landerctl.report.materials import good, hostile

ALLOWED = frozenset(
    {
        *(
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "header",
            "main",
            "h1",
            "h2",
            "h3",
            "p",
        ),
        *("dl", "dt", "dd", "code", "span", "figure", "img", "figcaption"),
        *("table", "caption", "thead", "tbody", "tr", "th", "td"),
    }
)


class Page(HTMLParser):
    """The tags with their attributes, and the text outside the style sheet."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data


@pytest.fixture(scope="module", params=[good, hostile], ids=["good", "hostile"])
def page(request: pytest.FixtureRequest) -> Page:
    return Page(render(build(request.param())))


def test_nothing_is_executed_or_loaded(page: Page) -> None:
    assert {tag for tag, _ in page.tags} <= ALLOWED
    assert page.open == []
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")]
        assert "href" not in attributes
        if tag == "img":
            assert str(attributes["src"]).startswith("data:image/png;base64,")
    policies = [found["content"] for tag, found in page.tags if "http-equiv" in found]
    assert policies == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]


def test_it_can_be_read_aloud(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.tags if tag in ("h1", "h2", "h3")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert dict(page.tags[0][1]) == {"lang": "en"}
    tags = [tag for tag, _ in page.tags]
    assert tags.count("caption") == tags.count("table")
    assert all(found.get("scope") == "col" for tag, found in page.tags if tag == "th")
    assert all(found.get("alt") for tag, found in page.tags if tag == "img")


def test_hostile_texts_are_shown_as_they_are() -> None:
    text = Page(render(build(hostile()))).text
    assert text.count("<script>alert(1)</script>") >= 8
    assert "␊# big" in text


def test_the_verdict_comes_first_and_what_was_loosened_or_overridden_is_shown() -> None:
    text = Page(render(build(good()))).text
    assert "GO" in text[: text.index("Go-live criteria: 8 of 8 hold")]
    assert "with 1 loosened threshold: burn_in_h = 0.2 instead of 72" in text
    bad = Page(render(build(hostile()))).text
    assert bad.index("NO-GO") < bad.index("went live over a NO-GO") < bad.index("Go-live criteria")
    for heading in ("Signatures", "What to do next", "Incidents", "Reviews", "Production notes"):
        assert heading in bad


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_every_colour_is_legible(colours: dict[str, str]) -> None:
    for ground in ("ground", "panel"):
        for name in ("ink", "quiet", "holds", "fails", "open", "stale"):
            assert _contrast(colours[name], colours[ground]) >= 4.5, (name, ground)


def _contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.1, 1.4.3)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
