"""Every key that a sweep's file may have."""

from __future__ import annotations

import msgspec

from daemon.sweeps.spec.schema import SweepSpec


def keys_by_table() -> dict[str, set[str]]:
    """The keys of each table of the file."""
    info = msgspec.inspect.type_info(SweepSpec)
    assert isinstance(info, msgspec.inspect.StructType)
    found = {}
    for field in info.fields:
        kind = field.type
        if isinstance(kind, msgspec.inspect.ListType):
            kind = kind.item_type
        if isinstance(kind, msgspec.inspect.StructType):
            found[field.encode_name] = {one.encode_name for one in kind.fields}
    return found
