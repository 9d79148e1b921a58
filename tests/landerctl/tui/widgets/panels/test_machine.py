"""The panel of resources."""

from __future__ import annotations

import pytest

from landerctl.tui.widgets.panels.machine import resource_lines
from tests.status_samples import resources


@pytest.mark.parametrize(
    ("width", "shown"), [(60, "41% of 4.0 GB (container limit)"), (36, "41% of 4.0 GB")]
)
def test_the_memory_of_a_container_is_that_of_its_limit(width: int, shown: str) -> None:
    lines = resource_lines(resources(0.0, memory_limit_bytes=4_000_000_000), width, 9)
    [memory] = [line for line in lines if line.plain.startswith("Memory")]
    assert memory.plain.endswith(f" {shown}")
    assert {line.cell_length for line in lines} == {width}


def test_without_a_limit_it_is_the_machine_s() -> None:
    lines = [line.plain for line in resource_lines(resources(0.0), 60, 9)]
    assert any(line.startswith("Memory") and line.endswith(" 41% used") for line in lines)
