"""GPUs by NVML: the real binding over a small fake of NVIDIA's driver library."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.store.catalogs.metric_names import is_of_the_machine
from daemon.store.records import GpuStatus
from daemon.supervisor.monitoring.gpus import LIBRARY, samples

SOURCE = Path(__file__).with_name("nvml.c")
# Samples once per input line.
SAMPLER = """
import json, sys
from pathlib import Path
from daemon.supervisor.aio.clock import Instant
from daemon.supervisor.monitoring.resources import ResourceSampler
sampler = ResourceSampler(Path.cwd(), n_envs=1)
for line in sys.stdin:
    found = sampler.sample(None, Instant(1.0, 1.0))
    gpus = {name: value for name, value in found.samples.items() if name.startswith("gpu/")}
    temperatures_c = [gpu.temperature_c for gpu in found.status.gpus]
    disk = found.samples["disk/free_gb"] > 0.0
    print(json.dumps([gpus, temperatures_c, disk, "pynvml" in sys.modules]), flush=True)
"""
ONE = {
    "gpu/utilisation_percent": 50.0,
    "gpu/memory_used_bytes": 2e9,
    "gpu/memory_used_percent": 25.0,
    "gpu/temperature_c": 62.0,
}


class Sampling:
    """A process that samples on request, with a fake driver that may fail."""

    def __init__(self, folder: Path, gpus: int | None) -> None:
        self.faults = folder / "faults"
        self.faults.mkdir()
        environment = os.environ | {"LD_LIBRARY_PATH": str(folder), "NVML_FAULTS": str(self.faults)}
        environment |= {"NVML_GPUS": str(gpus)} if gpus is not None else {}
        self._process = subprocess.Popen(
            [sys.executable, "-c", SAMPLER],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def sample(self) -> tuple[dict[str, float], list[float | None], bool, bool]:
        """GPU samples, each GPU's temperature, whether the disk was sampled, pynvml imported."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        gpus, temperatures_c, disk, imported = json.loads(self._process.stdout.readline())
        return gpus, temperatures_c, disk, imported

    def close(self) -> str:
        """Its standard error."""
        return self._process.communicate(timeout=20.0)[1]


@pytest.fixture
def driver(tmp_path: Path) -> Path:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    command = [compiler, "-shared", "-fPIC", "-o", str(tmp_path / LIBRARY), str(SOURCE)]
    subprocess.run(command, check=True)
    return tmp_path


def test_a_gpu_is_sampled(driver: Path) -> None:
    sampling = Sampling(driver, 1)
    assert sampling.sample() == (ONE, [62.0], True, True)
    (sampling.faults / "cold").touch()
    assert sampling.sample()[0] == ONE | {"gpu/temperature_c": 0.0}
    (sampling.faults / "old").touch()
    assert sampling.sample()[0] == ONE | {"gpu/temperature_c": 61.0}
    assert sampling.close() == ""


def test_several_gpus_are_distinguished(driver: Path) -> None:
    sampling = Sampling(driver, 2)
    found, temperatures_c, *_ = sampling.sample()
    assert temperatures_c == [62.0, 62.0]
    assert len(found) == 8
    assert found["gpu/0/utilisation_percent"] == 50.0
    assert found["gpu/1/utilisation_percent"] == 60.0
    sampling.close()


def test_a_driver_that_fails_later_affects_nothing_else(driver: Path) -> None:
    sampling = Sampling(driver, 1)
    assert sampling.sample()[0] == ONE
    (sampling.faults / "lost").touch()
    assert sampling.sample() == ({}, [None], True, True)
    (sampling.faults / "lost").unlink()
    assert sampling.sample()[0] == ONE
    assert sampling.close() == ""


def test_a_driver_that_hangs_is_not_waited_for(driver: Path) -> None:
    sampling = Sampling(driver, 1)
    assert sampling.sample()[0] == ONE
    (sampling.faults / "hang").touch()
    assert sampling.sample() == ({}, [], True, True)
    assert sampling.sample() == ({}, [], True, True)
    # Not even at exit: the process exits while the thread still hangs.
    assert sampling.close() == ""


def test_a_driver_that_is_not_loaded_is_logged_once(driver: Path) -> None:
    sampling = Sampling(driver, None)
    assert [sampling.sample()[:3] for _ in range(3)] == [({}, [], True)] * 3
    assert sampling.close().count("GPUs are not measured") == 1


def test_without_nvml_nothing_is_imported_and_the_search_is_not_repeated(driver: Path) -> None:
    try:
        ctypes.CDLL(LIBRARY)
    except OSError:
        pass
    else:
        pytest.skip("this machine has NVML")
    library = (driver / LIBRARY).rename(driver / "later")
    sampling = Sampling(driver, 1)
    assert sampling.sample() == ({}, [], True, False)
    library.rename(driver / LIBRARY)
    assert sampling.sample() == ({}, [], True, False)
    assert sampling.close() == ""


def test_values_that_a_gpu_does_not_report_are_missing() -> None:
    assert samples([GpuStatus(None, 5.0, None, 40.0)]) == {
        "gpu/memory_used_bytes": 5.0,
        "gpu/temperature_c": 40.0,
    }


def test_gpu_metrics_belong_to_the_machine() -> None:
    assert is_of_the_machine("gpu/0/temperature_c")
    assert not is_of_the_machine("time/fps")
