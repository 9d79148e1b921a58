"""A file of dispersions: every fault with its line; the default set; the document."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.runs.dispersion.file import DispersionError, load_dispersions
from daemon.runs.dispersion.parameters import PARAMETERS, Dispersion

DOCUMENT = Path(__file__).parents[4] / "docs" / "dispersions.md"


def refused(path: Path, text: str) -> str:
    path.write_text(text)
    with pytest.raises(DispersionError) as caught:
        load_dispersions(path)
    return str(caught.value)


def test_a_file_disperses_only_what_it_names(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        '[thrust]\ndistribution = "uniform"\nsize = 3\nunit = "%"\nmean = -2\n'
        '[dry_mass]\ndistribution = "normal"\nsize = 1.5\nunit = "%"\n'
    )
    assert load_dispersions(path) == {
        "dry_mass": Dispersion("normal", 1.5, "%"),
        "thrust": Dispersion("uniform", 3.0, "%", mean=-2.0),
    }
    assert list(load_dispersions(path)) == ["dry_mass", "thrust"]


def test_all_faults_are_listed_with_their_lines_and_what_was_meant(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    text = refused(
        path,
        "[dry_mas]\nsize = 1\n"  # 1
        '[isp]\ndistribution = "normall"\nsise = 1\nunit = "s"\n'  # 3
        '[thrust]\ndistribution = "normal"\nsize = 40\nunit = "%"\n'  # 7
        '[lidar_loss]\ndistribution = "uniform"\nsize = -1\nunit = "%"\nmean = 10\n'  # 11
        '[engine_out]\ndistribution = "uniform"\nsize = 1\nmean = 5\nunit = "s"\nchance = 2\n'  # 16
        '[start_tilt]\ndistribution = "normal"\nsize = true\nunit = "deg"\nchance = 0.1\n',  # 22
    )
    assert text.startswith(f"{path}: 10 faults: ")
    for fault in (
        "line 1: unknown parameter dry_mas; did you mean 'dry_mass'?",
        "line 4: isp.distribution: expected 'normal' or 'uniform'; did you mean 'normal'?",
        "line 5: unknown key isp.sise; did you mean 'size'?",
        "line 3: isp: size is missing",
        "line 6: isp.unit: expected '%'",
        "line 9: thrust: reaches -120 to 120 %, allowed -90 to 200",
        "line 13: lidar_loss.size = -1: at least 0",
        "line 21: engine_out.chance = 2: allowed 0 to 1",
        "line 24: start_tilt.size: expected a finite number",
        "line 26: start_tilt.chance: only a failure has a chance",
    ):
        assert fault in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no dispersion in it"),
        ("isp = 3\n", "line 1: isp: expected a table, [isp]"),
        ("[isp\n", "is not valid TOML"),
        ('[engine_out]\ndistribution="uniform"\nsize=1\nmean=1\nunit="s"\n', "chance is missing"),
    ],
)
def test_what_is_no_set_of_dispersions_is_refused(tmp_path: Path, text: str, message: str) -> None:
    assert message in refused(tmp_path / "mine.toml", text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DispersionError, match=r"absent\.toml: cannot be read: No such file"):
        load_dispersions(tmp_path / "absent.toml")


def test_the_default_set_disperses_every_parameter_and_the_document_explains_each() -> None:
    assert list(load_dispersions(None)) == list(PARAMETERS)
    document = DOCUMENT.read_text()
    for name, parameter in PARAMETERS.items():
        assert f"| `{name}` | {parameter.unit} | {parameter.meaning}" in document
