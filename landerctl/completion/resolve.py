"""What can follow a command line: by the table of verbs and options. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypedDict

Word = tuple[str, str]  # and its meaning


class Value(TypedDict):
    """What an argument or an option takes: fixed words, and those of a kind of candidates."""

    words: list[Word]
    kind: str  # may be empty


class Option(TypedDict):
    """An option. `value` is None for a switch."""

    flags: list[str]
    help: str
    repeatable: bool
    value: Value | None


class Verb(TypedDict):
    """A verb, or the program: its options, its arguments or verbs below it."""

    help: str
    options: list[Option]
    arguments: list[Value]
    open_end: bool  # the last argument may be given any number of times
    verbs: dict[str, Verb]


class Completion(NamedTuple):
    """The words that may follow, not yet filtered by what was typed of them."""

    words: list[Word]
    kind: str  # further words are of this kind of candidates
    typed: str
    home: str | None  # of --home
    config: str | None  # of --config


def resolve(program: Verb, arguments: Sequence[str], typed: str) -> Completion:
    """What may stand for `typed`, after `arguments`."""
    verb, open_option = program, None
    given: dict[str, str] = {}
    count, options_end = 0, False
    for word in arguments:
        if open_option is not None:
            # Bash takes `--run=ID` apart at the equals sign.
            if word != "=":
                given[open_option["flags"][0]] = word
                open_option = None
        elif word == "--" and not options_end:
            options_end = True
        elif word.startswith("-") and not options_end:
            flag, equals, value = word.partition("=")
            option = _find(verb, flag)
            if option is not None:
                given[option["flags"][0]] = value
                open_option = None if option["value"] is None or equals else option
        elif word in verb["verbs"]:
            verb = verb["verbs"][word]
            given = {flag: given[flag] for flag in ("--home", "--config") if flag in given}
            count = 0
        elif verb["verbs"] and not verb["arguments"]:
            return Completion([], "", typed, None, None)
        else:
            count += 1
    if typed == "=":
        typed = ""
    elif typed.startswith("-") and "=" in typed and not options_end:
        flag, _, typed = typed.partition("=")
        open_option = _find(verb, flag)
    words, kind = _words(verb, open_option, count, typed if not options_end else "", given)
    return Completion(words, kind, typed, given.get("--home"), given.get("--config"))


def _words(
    verb: Verb, open_option: Option | None, count: int, typed: str, given: dict[str, str]
) -> tuple[list[Word], str]:
    if open_option is not None:
        value = open_option["value"]
        return (value["words"], value["kind"]) if value is not None else ([], "")
    if typed.startswith("-"):
        free = (o for o in verb["options"] if o["repeatable"] or o["flags"][0] not in given)
        return [(flag, option["help"]) for option in free for flag in option["flags"]], ""
    if verb["verbs"] and not verb["arguments"]:
        return [(name, below["help"]) for name, below in verb["verbs"].items()], ""
    values = verb["arguments"]
    if verb["open_end"]:
        count = min(count, len(values) - 1)
    return (values[count]["words"], values[count]["kind"]) if count < len(values) else ([], "")


def _find(verb: Verb, flag: str) -> Option | None:
    return next((option for option in verb["options"] if flag in option["flags"]), None)
