"""Untrusted text in a message for the user."""

from __future__ import annotations


def one_line(text: str) -> str:
    """The text with unprintable characters, line breaks included, escaped."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
