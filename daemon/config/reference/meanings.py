"""What each setting means: the comments of config.toml, which have these forms.

- Behind a setting or a table's header; continued on lines that begin with blanks and `#`.
- Before the header of an array of tables, without an empty line between. There, and in a comment
  behind a setting, each line ``#   name: ...`` is the meaning of a setting of its entries,
  continued on lines that are indented further. A line of one word, ``# Optional:``, is a heading.
- One that begins with ``...`` continues that of the setting before.
- ``[hot]`` marks a section that a running daemon reloads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

HOT_MARK = "[hot]"
# Names end in their units; of two that fit the longer is first.
UNITS = {
    "_gb_per_day": "GB a day",
    "descriptor_growth_per_day": "file descriptors a day",
    "steps_per_s": "environment steps/s",
    "_mb_s": "MB/s",
    "_m_s": "m/s",
    "_s": "s",
    "_h": "h",
    "_days": "days",
    "_deg": "degrees",
    "_m": "m",
    "_gb": "GB",
    "_mb": "MB",
    "_percent": "%",
    "timesteps": "environment steps",
    "_success_rate": "0 to 1",
    "_share": "0 to 1",
}
_LINE = re.compile(
    r"""(?P<before>(?:[^#"']|"(?:\\.|[^"\\])*"|'[^']*')*)(?:\#(?P<comment>.*))?""", re.VERBOSE
)
_HEADER = re.compile(r"\[+(?P<table>[\w.-]+)(?P<end>\]+)\s*")
_SETTING = re.compile(r"(?P<key>[\w-]+) = ")
_FIELD = re.compile(r" {3}(?P<name>\w+): +(?P<text>\S.*)")
_MORE = re.compile(r" {4,}\S.*")
_HEADING = re.compile(r" \w+:")


class Meanings(msgspec.Struct, frozen=True):
    """By path: ``ppo``, ``ppo.gamma``, ``alerts[].metric``."""

    texts: Mapping[str, str]
    hot: frozenset[str]  # the sections with this mark


def read_meanings(text: str) -> Meanings:
    """The meanings of the settings of config.toml, whose text this is."""
    reading = _Reading()
    for line in text.splitlines():
        reading.take(line)
    hot = {path for path, found in reading.texts.items() if found.startswith(HOT_MARK)}
    return Meanings(
        {path: found.removeprefix(HOT_MARK).strip() for path, found in reading.texts.items()},
        frozenset(path for path in hot if "." not in path),
    )


def unit(name: str) -> str:
    """The unit of a setting by its name; "" if it says none."""
    return next((unit for ending, unit in UNITS.items() if f"_{name}".endswith(ending)), "")


class _Reading:
    """The comments read so far. Of several entries of an array the first one's comments count."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._table = ""
        self._at = ""  # the path that a further line continues
        self._entry = ""  # the array whose entries a line ``name: ...`` is about
        self._block: list[str] = []  # the comment lines before what they are about

    def take(self, line: str) -> None:
        match = _LINE.match(line)
        assert match is not None  # each part may be empty
        before, comment = match["before"], match["comment"]
        if header := _HEADER.fullmatch(before):
            self._begin_table(header["table"], header["end"] == "]]", comment)
        elif setting := _SETTING.match(before):
            self._begin_setting(setting["key"], comment)
        elif comment is None:
            self._block = []
        elif before:
            self._continue(comment)
        else:
            self._block.append(comment)

    def _begin_table(self, table: str, is_array: bool, comment: str | None) -> None:
        self._table = f"{table}[]" if is_array else table
        self._entry = table
        self._at = table
        block, self._block = self._block, []
        for text in [*block, *([comment] if comment else [])]:
            self._continue(text)
        self._at = table

    def _begin_setting(self, key: str, comment: str | None) -> None:
        for text in self._block:
            self._continue(text)
        self._block = []
        previous, path = self._at, f"{self._table}.{key}"
        self._at = self._entry = path
        text = (comment or "").strip()
        if text.startswith("... "):
            text = f"{self.texts[previous].removesuffix('...').strip()} {text}"
        if text:
            self.texts.setdefault(path, text)

    def _continue(self, comment: str) -> None:
        if field := _FIELD.fullmatch(comment):
            self._at = f"{self._entry}[].{field['name']}"
            self.texts.setdefault(self._at, field["text"])
        elif not _HEADING.fullmatch(comment):
            end = ""
            if self._at != self._entry and not _MORE.fullmatch(comment):
                self._at, end = self._entry, "."  # the list of settings has ended
            self.texts[self._at] = f"{self.texts.get(self._at, '')}{end} {comment.strip()}".strip()
