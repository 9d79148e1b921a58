from __future__ import annotations

from pathlib import Path

from daemon.sweeps.trial.machine import machine_of


def test_the_machine_is_the_processors_model_and_the_threads(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nmodel name\t: AMD EPYC 7763\nprocessor\t: 1\n")
    assert machine_of(1, cpuinfo) == "AMD EPYC 7763, 1 thread"
    assert machine_of(2, tmp_path / "missing").endswith(", 2 threads")
