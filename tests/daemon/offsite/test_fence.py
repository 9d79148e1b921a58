"""A target that is fenced off receives nothing more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.backup.make import make_backup
from daemon.base.paths import RunPaths, StatePaths
from daemon.config import load_config
from daemon.offsite.fence import FENCE, FencedError, check_fence, put_fence
from daemon.offsite.mirror import Mirror
from daemon.offsite.protocol import Failing, Report, Sent
from daemon.offsite.target import open_target
from tests.daemon.harness import save_checkpoint
from tests.daemon.object_store import bucket


@pytest.fixture(params=["folder", "s3"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path | None]]:
    if request.param == "folder":
        (tmp_path / "target" / "00001").mkdir(parents=True)
        yield (tmp_path / "target").as_uri(), None
    else:
        with bucket(tmp_path) as s3:
            yield s3.url, s3.options_file


def test_a_mirror_sends_nothing_once_the_fence_is_there(
    paths: StatePaths, run: RunPaths, target: tuple[str, Path | None]
) -> None:
    url, options = target
    reports: list[Report] = []
    mirror = Mirror(
        lambda: open_target(f"{url}/00001", options),
        paths.backups,
        reports.append,
        settings=load_config(None).config.backup,
        clock_record=paths.clock,
    )

    async def back_up() -> bool:
        make_backup(paths, run, save_checkpoint(run).id, paths.backups, created_s=time.time())
        return await mirror.attempt(sweep=True)

    async def carry_out() -> None:
        assert await back_up()
        await put_fence(open_target(url, options), "00001", "placement 2")
        with pytest.raises(FencedError):
            await check_fence(open_target(f"{url}/00001", options))
        await check_fence(open_target(url, options))  # another target
        assert not await back_up()

    asyncio.run(carry_out())
    assert [type(one) for one in reports if isinstance(one, Sent)] == [Sent]
    assert reports[-1] == Failing("it is fenced off: another machine has taken this training over")
    assert FENCE == "fenced"
