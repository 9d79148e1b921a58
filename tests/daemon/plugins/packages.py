"""Packages with plugins, as an installer leaves them in a folder of sys.path."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def install(
    site: Path,
    name: str,
    points: Mapping[str, Mapping[str, str]],
    files: Mapping[str, str],
    version: str = "1.0",
) -> None:
    """`points`: by kind and name; `files`: by path in `site`."""
    metadata = site / f"{name}-{version}.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    groups = [
        f"[landerctl.{kind}]\n" + "".join(f"{key} = {value}\n" for key, value in names.items())
        for kind, names in points.items()
    ]
    (metadata / "entry_points.txt").write_text("\n".join(groups))
    for path, text in files.items():
        file = site / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
