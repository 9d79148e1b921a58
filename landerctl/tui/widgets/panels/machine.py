"""The panel of training speed with its expected range, and of resource usage."""

from __future__ import annotations

import math

from textual.content import Content

from checks.wording import number, short_number, size
from daemon.store.records import GpuStatus, ResourceStatus, ServerStatus
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.format import bar, sparkline, spread
from landerctl.tui.widgets.lines import LinesPanel, entitle

LABEL_CELLS = 9
VALUE_CELLS = 16
# Above this share a bar is drawn in the warning colour; alert thresholds are separate.
FULL = 0.9
_DAEMON_LINE = 2


class MachinePanel(LinesPanel):
    """Steps/s, CPU, memory, disk, GPU, and the address of the daemon's TensorBoard."""

    def show(self, snapshot: Snapshot) -> None:
        """Show a new snapshot."""
        daemon = snapshot.status.daemon
        servers = daemon.servers if daemon and snapshot.situation.live else {}
        entitle(self, subtitle=_tensorboard(servers.get("tensorboard")))
        super().show(snapshot)

    def lines(self, snapshot: Snapshot, width: int, height: int) -> list[Content]:
        """Speed, then one line per resource."""
        speed = speed_lines(snapshot, width)
        if height > 9:
            speed.append(Content())
        room = max(0, height - len(speed))
        return speed[:height] + resource_lines(snapshot.status.resources, width, room)


def _tensorboard(server: ServerStatus | None) -> str:
    if server is not None and server.url is not None:
        # Without the scheme: it does not fit into the narrowest panel.
        return f"TensorBoard {server.url.removeprefix('http://').strip('/')}"
    return "TensorBoard is not served" if server is not None and server.problem else ""


def speed_lines(snapshot: Snapshot, width: int) -> list[Content]:
    """Steps/s compared with the expected range, and a sparkline of the run."""
    progress, daemon = snapshot.status.progress, snapshot.status.daemon
    if progress is None:
        return [
            spread(
                Content("Speed"), Content.styled("not yet measured", "$foreground-muted"), width
            ),
            Content(),
        ]
    speed = progress.steps_per_s
    verdict = Content()
    if not snapshot.training:
        verdict = Content.styled("last; not training", "$foreground-muted")
    elif daemon is not None:
        low, high = daemon.steps_per_s_expected
        band = f"{short_number(low)} to {short_number(high)}"
        if speed < low:
            verdict = Content.styled(f"▼ below {band}", "$text-warning")
        elif speed > high:
            verdict = Content.styled(f"▲ above {band}", "$text-warning")
        else:
            verdict = Content.styled(f"✓ {band}", "$text-success")
    return [
        spread(Content.styled(f"{number(speed)} steps/s", "bold"), verdict, width),
        _trace(snapshot, width),
    ]


def _trace(snapshot: Snapshot, width: int) -> Content:
    stored = [sample.value for sample in snapshot.series.get("time/fps", ())]
    # The series is read less often, and may be thinned out: the shown speed is within the range.
    progress = snapshot.status.progress
    newest = [] if progress is None else [progress.steps_per_s]
    values = [value for value in (*stored, *newest) if math.isfinite(value)]
    if not values:
        return Content()
    extent = f" run {short_number(min(values))} to {short_number(max(values))}"
    cells = width - len(extent)
    trace = sparkline(values, cells).ljust(cells)
    return Content.assemble((trace, "$primary"), (extent, "$foreground-muted"))


def _memory_text(resources: ResourceStatus, width: int) -> str:
    used = f"{number(resources.memory_used_percent)}%"
    if resources.memory_limit_bytes is None:
        return f"{used} used"
    text = f"{used} of {size(resources.memory_limit_bytes)}"
    whole = f"{text} (container limit)"
    return whole if len(whole) + LABEL_CELLS + 5 <= width else text


def resource_lines(resources: ResourceStatus | None, width: int, height: int) -> list[Content]:
    """One line per resource: name, bar, value. GPUs replace the daemon's CPU if space is short."""
    if resources is None:
        texts = ("Resources: not yet sampled", "A running daemon measures them")
        return [Content.styled(text, "$foreground-muted") for text in texts][:height]
    cells = max(4, width - LABEL_CELLS - VALUE_CELLS)
    cores = max(1, resources.cores)
    trainer_cpu, trainer_bytes = resources.cpu_trainer_percent, resources.memory_trainer_bytes
    disk = resources.disk_free_bytes / max(1, resources.disk_total_bytes)

    def line(label: str, used: float | None, value: str, *, full: bool = False) -> Content:
        style = "$warning" if full else "$primary"
        bar_cells = max(4, cells - max(0, len(value) + 1 - VALUE_CELLS))
        shown = value.rjust(width - LABEL_CELLS - bar_cells)
        return Content(label.ljust(LABEL_CELLS)) + bar(used, bar_cells, style) + shown

    machine = resources.cpu_machine_percent / 100.0
    memory = resources.memory_used_percent / 100.0
    core_unit = "core" if cores == 1 else "cores"
    lines = [
        line("CPU", machine, f"{number(machine * 100)}% of {cores} {core_unit}"),
        line(
            " trainer",
            None if trainer_cpu is None else trainer_cpu / 100.0 / cores,
            "none" if trainer_cpu is None else f"{number(trainer_cpu)}%",
        ),
        line(
            " daemon",
            resources.cpu_supervisor_percent / 100.0 / cores,
            f"{number(resources.cpu_supervisor_percent, 1)}%",
        ),
        line("Memory", memory, _memory_text(resources, width), full=memory > FULL),
        spread(
            Content(" trainer " + ("none" if trainer_bytes is None else size(trainer_bytes))),
            Content(f"daemon {size(resources.memory_supervisor_bytes)}"),
            width,
        ),
        line("Disk", 1.0 - disk, f"{size(resources.disk_free_bytes)} free", full=disk < 1.0 - FULL),
    ]
    if resources.gpus:
        lines += [line(*figures) for figures in gpu_figures(resources.gpus)]
        if len(lines) > height:
            del lines[_DAEMON_LINE]
    return lines[:height]


def gpu_figures(gpus: list[GpuStatus]) -> list[tuple[str, float | None, str]]:
    """Label, share in use (0 to 1) and text for GPU time and memory, over all GPUs."""
    busy = [g.utilisation_percent for g in gpus if g.utilisation_percent is not None]
    hot = [gpu.temperature_c for gpu in gpus if gpu.temperature_c is not None]
    used = [g.memory_used_bytes for g in gpus if g.memory_used_bytes is not None]
    total_bytes = sum(gpu.memory_total_bytes or 0.0 for gpu in gpus)
    share = sum(busy) / len(busy) / 100.0 if busy else None
    text = "–" if share is None else f"{number(share * 100)}%"
    text += f" of {len(gpus)}" if len(gpus) > 1 else ""
    text += f", {number(max(hot))} °C" if hot else ""
    memory = f"{size(sum(used))} used" if used else "–"
    return [
        ("GPU", share, text),
        (" memory", sum(used) / total_bytes if used and total_bytes else None, memory),
    ]
