"""The pieces of configuration that documents show are accepted by what reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.config import load_config
from daemon.offsite.target import open_target
from daemon.runs.dispersion.file import load_dispersions
from daemon.sweeps.creation import check_sweep
from daemon.sweeps.spec.load import parse_sweep
from tests.docs.pages import PAGES, Shown, blocks

# Of dispersions; not of config.toml either.
DISPERSIONS = [
    block
    for page in PAGES
    if page.name == "dispersions.md"
    for block in blocks(page)
    if block.text.startswith("[")
]
TOML = [
    block
    for page in PAGES
    for block in blocks(page)
    if block.text.startswith("[") and block not in DISPERSIONS
]
# A sweep.toml.
SWEEPS = [block for page in PAGES for block in blocks(page) if block.text.startswith("limits = ")]
# Of an object store; not of config.toml.
OPTIONS = [
    block for page in PAGES for block in blocks(page) if block.text.startswith("endpoint = ")
]


@pytest.mark.parametrize("block", TOML, ids=str)
def test_the_configuration_is_valid(block: Shown, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(block.text, encoding="utf-8")
    assert load_config(file).config != load_config(None).config


@pytest.mark.parametrize("block", SWEEPS, ids=str)
def test_the_sweep_fits_the_defaults(block: Shown) -> None:
    file = Path("sweep.toml")
    spec = parse_sweep(file, block.text)
    check_sweep(file, block.text, spec, load_config(None).config)


@pytest.mark.parametrize("block", OPTIONS, ids=str)
def test_the_options_of_a_store_are_valid(block: Shown, tmp_path: Path) -> None:
    file = tmp_path / "s3.toml"
    # The certificate is cut short in the document.
    file.write_text(block.text.partition("root_certificate")[0], encoding="utf-8")
    file.chmod(0o600)
    assert open_target("s3://my-bucket/landers", file) is not None


@pytest.mark.parametrize("block", DISPERSIONS, ids=str)
def test_the_dispersions_are_valid(block: Shown, tmp_path: Path) -> None:
    file = tmp_path / "dispersions.toml"
    file.write_text(block.text, encoding="utf-8")
    assert load_dispersions(file)


def test_there_are_some() -> None:
    assert len(TOML) >= 5
    assert DISPERSIONS
    assert len(OPTIONS) == 1
