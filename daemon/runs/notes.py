"""The text of a run's `notes.md`: the fields of the production notes, and free notes below. Pure.

The ledger has the fields and notes that `landerctl` recorded; this file is a readable copy, which
backups contain and in which people write. What they have written is never changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

DATE, BY = "Date deployed", "Deployed by"
CONFIGURATION, SUCCESS_RATE = "Configuration used", "Initial success rate"
FIELDS = (DATE, BY, CONFIGURATION, SUCCESS_RATE)
HEAD = """\
# Production notes

`landerctl golive` fills in what is empty, `landerctl note` adds notes; you can write here too.
Every backup of this run includes a copy.

"""
NOTES = "**Notes:**"
BLANK = HEAD + "".join(f"**{name}:**\n\n" for name in FIELDS) + NOTES + "\n"


def with_fields(content: str, values: Mapping[str, str]) -> str:
    """The content in which the empty ones of these fields have their value."""
    for name, value in values.items():
        if value:
            empty = re.compile(rf"^\*\*{re.escape(name)}:\*\*[ \t]*$", re.MULTILINE)
            found = empty.search(content)
            if found is not None:
                filled = f"**{name}:** {value}"
                content = f"{content[: found.start()]}{filled}{content[found.end() :]}"
    return content


def with_note(content: str, line: str) -> str:
    """The content with a further note at its end."""
    content = content.rstrip("\n")
    gap = "\n\n" if not content.rpartition("\n")[2].startswith("- ") else "\n"
    return f"{content}{gap}- {line}\n"
