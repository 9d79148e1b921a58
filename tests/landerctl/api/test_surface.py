"""What is public is what was recorded: a change of it is made on purpose."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import msgspec

import landerctl.api

RECORDED = Path(__file__).with_name("surface.txt")
HEAVY = {"asyncio", "env", "msgspec", "numpy", "sqlite3", "subprocess", "torch", "typer"}


def test_the_surface_is_the_recorded_one() -> None:
    """Else `python -m tests.landerctl.api.test_surface > tests/landerctl/api/surface.txt`, and

    CHANGELOG.md says what changed; what breaks a caller needs another major version (docs/api.md).
    """
    assert surface() == RECORDED.read_text(encoding="utf-8")


def test_importing_it_imports_nothing_heavy() -> None:
    script = "import sys, landerctl.api; print('\\n'.join(sys.modules))"
    loaded = set(subprocess.check_output([sys.executable, "-c", script], text=True).split())
    assert "landerctl.api.run" in loaded
    assert HEAVY.isdisjoint(loaded)


def surface() -> str:
    """A line for each public name, and for each parameter and attribute of it."""
    lines = []
    for name in landerctl.api.__all__:
        kind = getattr(landerctl.api, name)
        if name == "Config":
            lines.append("Config: docs/config.schema.json")
        elif issubclass(kind, msgspec.Struct):
            fields = msgspec.structs.fields(kind)
            lines += [f"{name}.{one.encode_name}: {_text(kind, one.name)}" for one in fields]
        else:
            made = "" if name in ("Columns", "Policy", "Run") else str(inspect.signature(kind))
            lines.append(f"{name}{made}")
            lines += [f"{name}.{attribute}" for attribute in _attributes(kind)]
    return "\n".join(lines) + "\n"


def _attributes(kind: type) -> list[str]:
    own = {name: value for name, value in vars(kind).items() if not name.startswith("_")}
    found = [f"{name}{inspect.signature(one)}" for name, one in own.items() if callable(one)]
    for name, one in own.items():
        if isinstance(one, property) and one.fget is not None:
            found.append(f"{name}: {inspect.get_annotations(one.fget)['return']}")
    if not own:  # a TypedDict
        found += [f"{name}: {text}" for name, text in _annotations(kind).items()]
    return sorted(found)


def _annotations(kind: type) -> dict[str, str]:
    found = inspect.get_annotations(kind)
    return {name: getattr(one, "__forward_arg__", str(one)) for name, one in found.items()}


def _text(kind: type, field: str) -> str:
    """As declared, in the class or in one above it."""
    return next(found[field] for one in kind.__mro__ if field in (found := _annotations(one)))


if __name__ == "__main__":
    print(surface(), end="")
