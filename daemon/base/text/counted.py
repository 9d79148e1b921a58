"""A number with its noun in the right form: the one place for plurals."""

from __future__ import annotations


def counted(count: float, noun: str, plural: str = "") -> str:
    """``1 lander``, ``2 landers``, ``24,000 steps``. `plural`: of nouns that do not add an s."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
