"""The exceptions that msgspec raises for untrusted JSON.

Besides its own error: UnicodeDecodeError for non-UTF-8, RecursionError for deep nesting.
"""

from __future__ import annotations

import msgspec

MALFORMED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
