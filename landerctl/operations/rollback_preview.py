"""What a rollback would do. Pure."""

from __future__ import annotations

import msgspec

from checks.wording import duration, number, percent, size
from daemon.backup.restoring.restorable import Place, Restorable
from daemon.base.text.one_line import one_line
from daemon.checkpoint.best import MIN_EPISODES
from daemon.checkpoint.manifest import Manifest
from daemon.protocol.trainer import Progress
from daemon.rollback.selection.choose import Skipped

PLACES: dict[Place, str] = {
    "checkpoint": "the run",
    "backup": "the backups",
    "both": "the run and the backups",
}


MOST_SHOWN = 5


class Point(msgspec.Struct, frozen=True):
    """A state of a training; None: not known."""

    checkpoint: str | None
    timesteps: int | None
    stage: int | None
    success_rate: float | None
    reward_mean: float | None


class RollbackPreview(msgspec.Struct, frozen=True, kw_only=True):
    """What `landerctl rollback --dry-run --json` prints."""

    run_id: str
    now: Point
    to: Point
    place: Place
    steps_lost: int
    stages_back: int
    reward_lost: float | None
    files: int
    size_bytes: int
    disk_free_bytes: int
    age_s: float
    passed_over: list[dict[str, str]]
    imported: bool = False  # the state came in an archive: of unknown origin
    checked: bool | None = None  # digests match and a training can go on from it; None: not tried
    check_text: str = ""


def make_preview(
    run_id: str,
    target: Restorable,
    newest: Manifest | None,
    progress: Progress | None,
    *,
    skipped: tuple[Skipped, ...],
    disk_free_bytes: int,
    now_s: float,
) -> RollbackPreview:
    """From the present state, as the trainer reports it or else by the newest checkpoint."""
    manifest = target.manifest
    now = _point(newest)
    if progress is not None:
        now = Point(
            now.checkpoint,
            progress.timesteps,
            progress.stage,
            progress.success_rate,
            progress.reward_mean,
        )
    to = _point(manifest)
    return RollbackPreview(
        run_id=run_id,
        now=now,
        to=to,
        place=target.place,
        steps_lost=max(0, (now.timesteps or 0) - manifest.timesteps),
        stages_back=(now.stage or manifest.stage) - manifest.stage,
        reward_lost=None
        if now.reward_mean is None or to.reward_mean is None
        else now.reward_mean - to.reward_mean,
        files=len(manifest.files),
        size_bytes=manifest.size_bytes,
        disk_free_bytes=disk_free_bytes,
        age_s=now_s - manifest.created_s,
        passed_over=[{"id": one.id, "reason": one.reason} for one in skipped],
        imported=target.imported,
    )


def describe(preview: RollbackPreview) -> list[str]:
    """The preview as lines of at most 80 cells where ids are as usual."""
    lines = [
        f"{'':9}{'steps':>12}  {'stage':>5}  {'success':>7}  {'reward':>7}  checkpoint",
        _row("now", preview.now),
        _row("after", preview.to),
        "",
        f"  discarded    {number(preview.steps_lost)} steps{_stages(preview.stages_back)}",
        f"  copied from  {PLACES[preview.place]}, saved {duration(preview.age_s)} ago",
        f"  disk         needs {size(preview.size_bytes)}, {size(preview.disk_free_bytes)} free",
    ]
    if preview.imported:
        lines.append(
            "  imported     this state came in an archive; its digests do not say from whom"
        )
    if preview.checked is not None:
        word = "whole" if preview.checked else "UNUSABLE"
        lines.append(f"  checked      {preview.files} files {word}: {preview.check_text}")
    shown = preview.passed_over[:MOST_SHOWN]
    lines += [f"  skipped      {one['id']}: {one['reason']}" for one in shown]
    if len(preview.passed_over) > len(shown):
        lines.append(f"  ... and {len(preview.passed_over) - len(shown)} more")
    if preview.now.checkpoint == preview.to.checkpoint and not preview.steps_lost:
        lines.append("  This is the present state: the training would only be restarted.")
    return [one_line(line) for line in lines]


def _row(word: str, point: Point) -> str:
    return (
        f"  {word:7}{number(point.timesteps):>12}  {_or_dash(point.stage):>5}  "
        f"{percent(point.success_rate):>7}  {number(point.reward_mean):>7}  "
        f"{point.checkpoint or '-'}"
    )


def _or_dash(value: int | None) -> str:
    return "-" if value is None else str(value)


def _stages(count: int) -> str:
    if count == 0:
        return ""
    return f", {abs(count)} stage{'s' if abs(count) > 1 else ''} {'back' if count > 0 else 'on'}"


def _point(manifest: Manifest | None) -> Point:
    if manifest is None:
        return Point(None, None, None, None, None)
    return Point(
        manifest.id,
        manifest.timesteps,
        manifest.stage,
        # A few episodes say nothing.
        manifest.success_rate if manifest.episodes >= MIN_EPISODES else None,
        manifest.reward_mean if manifest.episodes >= MIN_EPISODES else None,
    )
