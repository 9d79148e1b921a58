"""What msgspec raises for JSON of which nothing is known.

Beside its own error: text that is not UTF-8 is Python's to refuse, and so is deep nesting.
"""

from __future__ import annotations

import msgspec

MALFORMED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
