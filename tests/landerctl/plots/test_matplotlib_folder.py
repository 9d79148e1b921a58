"""matplotlib and fontconfig print nothing, wherever their files can be kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from landerctl.plots.matplotlib_folder import prepare_matplotlib

# Draws a text; where the files are kept goes to standard output.
DRAW = """
import os
from landerctl.plots.matplotlib_folder import prepare_matplotlib
prepare_matplotlib()
from matplotlib.figure import Figure
Figure().text(0.5, 0.5, "Moon").figure.savefig(os.devnull, format="png")
print(os.environ["MPLCONFIGDIR"])
"""
# No folder can be made there, by nobody.
NOWHERE = "/proc"


def test_nothing_is_printed_without_a_writable_home(tmp_path: Path) -> None:
    """As for a job of cron or a container whose user has no home folder."""
    ended = subprocess.run(
        [sys.executable, "-c", DRAW],
        env={"PATH": os.environ["PATH"], "HOME": NOWHERE, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    folder = Path(ended.stdout.strip())
    assert ended.stderr == ""
    assert folder.parent == tmp_path
    assert not folder.exists(), "it ends with the process"


@pytest.mark.parametrize("named", ["", "own"])
def test_a_folder_that_can_be_written_is_kept(tmp_path: Path, named: str) -> None:
    environ = {"XDG_CACHE_HOME": str(tmp_path)}
    expected = tmp_path / "landerctl" / "matplotlib"
    if named:
        expected = tmp_path / named
        environ["MPLCONFIGDIR"] = str(expected)
    for _ in range(2):
        prepare_matplotlib(environ)
        assert environ["MPLCONFIGDIR"] == str(expected)
        assert environ["FONTCONFIG_FILE"] == str(expected / "fonts.conf")
        assert [path.name for path in expected.iterdir()] == ["fonts.conf"]
