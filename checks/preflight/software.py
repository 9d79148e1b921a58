"""Installed versions of Python and of the packages, against those that were tested."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path

import msgspec

from checks.preflight.row import Row
from checks.verdict import Level
from checks.wording import some_of

SHOWN = 4  # packages that a line names
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_BOUND = re.compile(r"(>=|<=|==|<|>)\s*(\d+(?:\.\d+)*)")
_AGAIN = "install the tested versions: `make clean run`, or `pip install -c constraints.txt`"


class SoftwareFacts(msgspec.Struct, frozen=True):
    """Versions. `packages`: of each that landerctl needs: installed ("" if not) and tested."""

    python: str
    required_python: str  # such as ">=3.11,<3.14"
    packages: dict[str, tuple[str, str]]


def collect_software() -> SoftwareFacts:
    """The facts of this interpreter's packages."""
    tested = versions_tested()
    needed = [
        match[0]
        for requirement in requires("landerctl") or ()
        if "extra ==" not in requirement and (match := _NAME.match(requirement))
    ]
    return SoftwareFacts(
        python=platform.python_version(),
        required_python=metadata("landerctl")["Requires-Python"] or "",
        packages={
            name: (_installed(name), tested.get(normal(name), "")) for name in map(normal, needed)
        },
    )


def versions_tested() -> dict[str, str]:
    """The versions that every test has passed with, by normalised name."""
    packaged = Path(__file__).with_name("constraints.txt")
    path = packaged if packaged.exists() else Path(__file__).parents[2] / "constraints.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("==") for line in lines if not line.startswith("#"))
    return {normal(name): tested for name, found, tested in pairs if found}


def normal(name: str) -> str:
    """A package's name as the index compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def python_row(facts: SoftwareFacts) -> Row:
    """CRITICAL outside of `requires-python`."""
    text = f"Python {facts.python}, needs {facts.required_python or 'unknown'}"
    if within(facts.python, facts.required_python):
        return Row("python", Level.OK, text, figures={"python": facts.python})
    return Row("python", Level.CRITICAL, text, "install a Python of these versions")


def packages_row(facts: SoftwareFacts, names: Sequence[str] = ()) -> Row:
    """Of the named packages, or all: CRITICAL if one is missing, WARNING if one is not the tested.

    A build's own suffix, such as ``+cpu``, does not count.
    """
    chosen = {name: facts.packages.get(name, ("", "")) for name in names} or facts.packages
    missing = [name for name, (installed, _) in chosen.items() if not installed]
    other = [
        f"{name} {installed} (tested: {tested or 'none'})"
        for name, (installed, tested) in chosen.items()
        if installed and installed.partition("+")[0] != tested
    ]
    figures = {name: installed for name, (installed, _) in chosen.items()}
    if missing:
        text = f"not installed: {some_of(missing, SHOWN)}"
        return Row("packages", Level.CRITICAL, text, _AGAIN, dict(figures))
    if other:
        return Row("packages", Level.WARNING, some_of(other, SHOWN), _AGAIN, dict(figures))
    shown = [f"{name} {installed}" for name, (installed, _) in chosen.items()]
    text = f"as tested: {', '.join(shown)}" if names else f"all {len(chosen)} as tested"
    return Row("packages", Level.OK, text, figures=dict(figures))


def within(found: str, bounds: str) -> bool:
    """Whether a version such as ``3.11.7`` satisfies all bounds such as ``>=3.11,<3.14``."""
    number = _numbers(found)
    for sign, text in _BOUND.findall(bounds):
        bound = _numbers(text)
        # Equal lengths, so that 3.11 is not below 3.11.0.
        width = max(len(number), len(bound))
        ours, theirs = (one + (0,) * (width - len(one)) for one in (number, bound))
        holds: Mapping[str, bool] = {
            ">=": ours >= theirs,
            "<=": ours <= theirs,
            "==": ours == theirs,
            "<": ours < theirs,
            ">": ours > theirs,
        }
        if not holds[sign]:
            return False
    return True


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
