"""Samples GPUs by NVIDIA's NVML, if present.

A driver may fail or hang at any time: each round reads in a new thread and waits at most
PATIENCE_S for it.
"""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Callable
from threading import Thread
from typing import TYPE_CHECKING

from daemon.store.catalogs.metric_names import GPU_PREFIX
from daemon.store.records import GpuStatus

if TYPE_CHECKING:
    import pynvml

LIBRARY = "libnvidia-ml.so.1"  # a part of NVIDIA's driver
PATIENCE_S = 1.0

_log = logging.getLogger(__name__)


class GpuSampler:
    """Samples on request. Looks for GPUs once: without any, later rounds cost nothing."""

    def __init__(self) -> None:
        self._handles: list[pynvml.c_nvmlDevice_t] | None = None  # None: not searched yet
        self._reading: Thread | None = None
        self._read: list[GpuStatus] = []

    def sample(self) -> list[GpuStatus]:
        """One record per GPU; empty without GPUs or if the driver does not answer in time."""
        if self._handles == []:
            return []
        if self._reading is not None and self._reading.is_alive():
            return []
        self._reading = Thread(target=self._read_all, name="gpus", daemon=True)
        self._reading.start()
        self._reading.join(PATIENCE_S)
        return [] if self._reading.is_alive() else self._read

    def _read_all(self) -> None:
        self._read = []
        if self._handles is None:
            self._handles = _find()
        self._read = [_measure(handle) for handle in self._handles]


def samples(gpus: list[GpuStatus]) -> dict[str, float]:
    """Samples by name: ``gpu/temperature_c`` for one GPU, ``gpu/0/temperature_c`` for several."""
    found: dict[str, float] = {}
    for index, gpu in enumerate(gpus):
        prefix = GPU_PREFIX if len(gpus) == 1 else f"{GPU_PREFIX}{index}/"
        values = {
            "utilisation_percent": gpu.utilisation_percent,
            "memory_used_bytes": gpu.memory_used_bytes,
            "memory_used_percent": gpu.memory_used_percent,
            "temperature_c": gpu.temperature_c,
        }
        found |= {f"{prefix}{name}": float(v) for name, v in values.items() if v is not None}
    return found


def _find() -> list[pynvml.c_nvmlDevice_t]:
    """The GPUs' handles."""
    try:
        ctypes.CDLL(LIBRARY)
    except OSError:
        return []
    # Imported here: a supervisor without a GPU should not load it.
    import pynvml  # noqa: PLC0415

    try:
        pynvml.nvmlInit()
        count = pynvml.nvmlDeviceGetCount()
        return [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(count)]
    except pynvml.NVMLError as error:
        _log.warning("GPUs are not measured: NVML says %s", error)
        return []


def _measure(handle: pynvml.c_nvmlDevice_t) -> GpuStatus:
    """Current values; None for those that the GPU or driver does not report."""
    import pynvml  # noqa: PLC0415

    def or_none(ask: Callable[[], float]) -> float | None:
        try:
            return ask()
        except pynvml.NVMLError:
            return None

    def temperature() -> float | None:
        sensor = pynvml.NVML_TEMPERATURE_GPU
        found = or_none(lambda: pynvml.nvmlDeviceGetTemperatureV(handle, sensor))
        if found is None:
            # For drivers before CUDA 13; later ones drop it.
            found = or_none(lambda: pynvml.nvmlDeviceGetTemperature(handle, sensor))
        return found

    return GpuStatus(
        utilisation_percent=or_none(lambda: pynvml.nvmlDeviceGetUtilizationRates(handle).gpu),
        memory_used_bytes=or_none(lambda: pynvml.nvmlDeviceGetMemoryInfo(handle).used),
        memory_total_bytes=or_none(lambda: pynvml.nvmlDeviceGetMemoryInfo(handle).total),
        temperature_c=temperature(),
    )
