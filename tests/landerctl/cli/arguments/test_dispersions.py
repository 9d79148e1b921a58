"""--disperse with and without a file, and what is wrong with either."""

from __future__ import annotations

from pathlib import Path

import pytest

from landerctl.cli.arguments.dispersions import dispersed, with_default
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

DEFAULT = Path("default")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("evaluate best --disperse", "evaluate best --disperse=default"),
        ("evaluate --disperse --json", "evaluate --disperse=default --json"),
        ("evaluate --disperse mine.toml best", "evaluate --disperse mine.toml best"),
        ("evaluate --disperse=mine.toml", "evaluate --disperse=mine.toml"),
        ("evaluate -- --disperse", "evaluate -- --disperse"),
        ("status", "status"),
    ],
)
def test_the_file_may_be_left_out(given: str, meant: str) -> None:
    assert with_default(given.split()) == meant.split()


def test_a_file_is_named_as_it_is_found_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.toml").write_text('[isp]\ndistribution="normal"\nsize=1\nunit="%"\n')
    monkeypatch.chdir(tmp_path)
    found = dispersed(Path("mine.toml"), "isp")
    assert found == ["--disperse", str(tmp_path / "mine.toml"), "--only", "isp"]
    assert dispersed(DEFAULT) == ["--disperse", "default"]
    assert dispersed(None) == []


@pytest.mark.parametrize(
    ("file", "only", "message", "code"),
    [
        (None, "isp", "--only isp: works with --disperse only", Exit.USAGE),
        (DEFAULT, "isps", "not dispersed here; did you mean 'isp'?", Exit.USAGE),
        (DEFAULT, "x", "not dispersed here; choose of nominal, dry_mass", Exit.USAGE),
        (Path("best"), None, "without a FILE, --disperse comes last", Exit.CONFIG),
    ],
)
def test_what_cannot_be_flown_is_refused(
    file: Path | None, only: str | None, message: str, code: Exit
) -> None:
    with pytest.raises(Failure) as caught:
        dispersed(file, only)
    assert message in str(caught.value) and caught.value.code == code
