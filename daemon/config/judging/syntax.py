"""Every statement of a text that is not TOML, and the text without these: line numbers stay."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from daemon.config.judging.explain import toml_reason
from daemon.config.read import MAX_STATEMENT_LINES

# Of a text that is no TOML at all.
MOST = 50
# What looks like the begin of a statement: after a faulty one, reading continues there.
_BEGIN = re.compile(r"\s*(\[{1,2}[\w\"'.-]+\]{1,2}|[\w\"'.-]+\s*=)")
_HEADER = re.compile(r"\s*\[{1,2}[\w\"'.-]+\]{1,2}")
_LINE = re.compile(r"\(at line (\d+)")


class SyntaxFault(msgspec.Struct, frozen=True):
    """A statement that is not TOML. `line` counts from 1."""

    line: int
    text: str  # without what the file contains


def without_faults(text: str) -> tuple[str, list[SyntaxFault]]:
    """The text with its faulty statements made empty, and these, at most `MOST`.

    A statement that contradicts an earlier one, such as a second table of the same name, is faulty.
    What is in a table without a valid header is not judged.
    """
    import tomllib  # noqa: PLC0415 - a slow import that some commands do not need

    lines = [line.rstrip("\r\n") + "\n" for line in text.split("\n")]
    faults: list[SyntaxFault] = []
    while len(faults) < MOST:
        whole = "".join(lines)
        try:
            tomllib.loads(whole)
            break
        except (ValueError, RecursionError) as error:
            # The parser ends at its first fault, and names a place after its cause.
            begin, end, fault = next(_faulty(lines), (0, len(lines), error))
            place = _LINE.search(str(error))
            if fault is error and place:
                begin = _begin_of(lines, int(place[1]) - 1)
                end = begin + 1
        faults.append(SyntaxFault(begin + 1, f"is not valid TOML{toml_reason(fault)}"))
        if lines[begin].lstrip().startswith("["):
            # Its settings would be taken for those of the table before.
            while end < len(lines) and not _HEADER.match(lines[end]):
                end += 1
        lines[begin:end] = ["\n"] * (end - begin)
    return "".join(lines), sorted(faults, key=lambda one: one.line)


def _faulty(lines: list[str]) -> Iterator[tuple[int, int, Exception]]:
    """The first statement that is faulty by itself: its first line, the one after it, the error."""
    import tomllib  # noqa: PLC0415 - see above

    begin = 0
    while begin < len(lines):
        error: Exception | None = None
        for end in range(begin + 1, min(begin + MAX_STATEMENT_LINES, len(lines)) + 1):
            try:
                tomllib.loads("".join(lines[begin:end]))
            except (ValueError, RecursionError) as caught:
                error = caught
                if not str(caught).endswith("(at end of document)"):
                    break  # more lines cannot make it valid
            else:
                error = None
                begin = end
                break
        if error is not None:
            end = begin + 1
            while end < len(lines) and not _BEGIN.match(lines[end]):
                end += 1
            yield begin, end, error
            return


def _begin_of(lines: list[str], number: int) -> int:
    """The first line of the statement in which a line is."""
    while number > 0 and not _BEGIN.match(lines[number]):
        number -= 1
    return number
