from __future__ import annotations

import pytest

from checks.preflight.software import (
    SoftwareFacts,
    collect_software,
    packages_row,
    python_row,
    versions_tested,
    within,
)
from checks.verdict import Level

FACTS = SoftwareFacts(
    "3.11.7", ">=3.11,<3.14", {"torch": ("2.13.0+cpu", "2.13.0"), "bsk": ("2.12.1", "2.12.1")}
)


@pytest.mark.parametrize(
    ("found", "bounds", "holds"),
    [
        ("3.11.0", ">=3.11,<3.14", True),
        ("3.13.9", "<3.14,>=3.11", True),
        ("3.14.0", ">=3.11,<3.14", False),
        ("3.10.12", ">=3.11,<3.14", False),
        ("3.9.1", "", True),
    ],
)
def test_bounds_of_a_version(found: str, bounds: str, holds: bool) -> None:
    assert within(found, bounds) is holds


def test_the_versions_tested_are_ok_with_a_builds_suffix() -> None:
    assert packages_row(FACTS).level is Level.OK
    assert python_row(FACTS).level is Level.OK
    assert packages_row(FACTS, ["bsk"]).text == "as tested: bsk 2.12.1"


def test_another_version_is_a_warning_and_a_missing_package_critical() -> None:
    other = SoftwareFacts("3.14.1", FACTS.required_python, {"torch": ("2.14.0", "2.13.0")})
    assert packages_row(other).level is Level.WARNING
    assert packages_row(other).text == "torch 2.14.0 (tested: 2.13.0)"
    assert packages_row(FACTS, ["gymnasium"]).level is Level.CRITICAL
    assert python_row(other).level is Level.CRITICAL


def test_every_package_that_is_needed_was_tested() -> None:
    facts = collect_software()
    assert {"stable-baselines3", "bsk", "torch", "msgspec"} <= facts.packages.keys()
    assert all(tested for _, tested in facts.packages.values())
    assert facts.packages.keys() <= versions_tested().keys()
