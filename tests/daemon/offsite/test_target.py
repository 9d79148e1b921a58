"""The file with a target's options."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.offsite.target import OffsiteTargetError, read_options


@pytest.mark.parametrize(
    "content",
    [b"key", b"key = '\xff'", b"key = " + b"[" * 5000, b"key = " + b"1" * 5000],
    ids=["torn", "not UTF-8", "too deep", "too long"],
)
def test_a_file_that_is_not_toml_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "options.toml"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(OffsiteTargetError, match=r"options\.toml: is not TOML"):
        read_options(file)
