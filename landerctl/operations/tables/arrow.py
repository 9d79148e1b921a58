"""Columns of cells as arrays of Arrow, from their buffers.

`pyarrow.array` on a list imports pandas wherever that is installed: 50 MB of memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import pyarrow

from landerctl.operations.tables.table import Cell, Kind

TYPES = {
    "text": pyarrow.string(),
    "json": pyarrow.string(),
    "integer": pyarrow.int64(),
    "number": pyarrow.float64(),
}


def arrow_array(kind: Kind, cells: Sequence[Cell]) -> Any:
    """The cells, one at least, as an array of the kind's type in `TYPES`; None is null."""
    # A bit a cell, of the first one the lowest: whether it has a value.
    bits = "".join("0" if cell is None else "1" for cell in reversed(cells))
    valid = int(bits, 2).to_bytes(-(-len(cells) // 8), "little")
    values: list[Any]
    if kind in ("text", "json"):
        texts = [b"" if cell is None else str(cell).encode() for cell in cells]
        values = [array("i", accumulate(map(len, texts), initial=0)), b"".join(texts)]
    else:
        numbers: Any = [cell or 0 for cell in cells]
        values = [array("q" if kind == "integer" else "d", numbers)]
    return pyarrow.Array.from_buffers(
        TYPES[kind], len(cells), [pyarrow.py_buffer(one) for one in (valid, *values)]
    )
