"""Questions on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from landerctl.exitcodes import Exit
from landerctl.failure import Failure


def ask_number(text: str, highest: int, default: int = 1) -> int:
    """Prompt for a number from 1 to `highest` until one is given. Raises Failure if none is."""
    question = text
    while True:
        given = _answer(f"{question} [{default}]: ")
        if not given:
            return default
        if given.isdecimal() and 1 <= int(given) <= highest:
            return int(given)
        question = f"{given}: not a number from 1 to {highest}. Which one? Ctrl-C cancels"


def confirm(text: str) -> None:
    """Ask for yes or no. Raises Failure for a no."""
    question = text
    while True:
        given = _answer(f"{question} [y/N]: ").lower()
        if given in ("y", "yes"):
            return
        if given in ("", "n", "no"):
            raise Failure("not confirmed, nothing was changed")
        question = f"{given}: not an answer, enter y or n. {text}"


def ask_word(text: str, words: Sequence[str]) -> str:
    """Prompt for one of the words, or its first letter, until one is given. Raises Failure if none
    is.
    """
    shown = ", ".join(f"[{word[0]}]{word[1:]}" for word in words)
    question = f"{text} {shown}: "
    while True:
        given = _answer(question).lower()
        for word in words:
            if given in (word, word[0]):
                return word
        question = f"{given or 'nothing'}: not an answer. {shown}: "


def _answer(prompt: str) -> str:
    try:
        return input(prompt).strip()
    except EOFError:
        print()
        raise Failure("no answer, nothing was changed") from None
    except KeyboardInterrupt:
        print()
        raise Failure("interrupted, nothing was changed", Exit.INTERRUPTED) from None
