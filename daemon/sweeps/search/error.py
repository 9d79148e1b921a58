"""Why no trial can be proposed."""

from __future__ import annotations


class SearchError(Exception):
    """The search cannot be used; the message is one line for the user."""
