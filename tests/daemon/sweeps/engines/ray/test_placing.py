from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from daemon.config import load_config
from daemon.config.schema import Config
from daemon.offsite.target import OffsiteTargetError
from daemon.sweeps.engines.engine import TrialOrder, encode_order
from daemon.sweeps.engines.ray.lineage import PlacedElsewhereError
from daemon.sweeps.engines.ray.placing import (
    FOLDER_VARIABLE,
    CannotPlaceError,
    Placement,
    homes_folder,
    place,
)
from tests.daemon.object_store import bucket


def placed(
    disk: Path, backup: str, epoch: int, options_file: str = "", mounts: str = ""
) -> TrialOrder:
    order = TrialOrder(
        sweep="rates",
        trial=7,
        epoch=epoch,
        home=Path("/of/the/coordinator"),
        config=msgspec.json.encode(load_config(None, {"backup": {"directory": "/b"}}).config),
        target_steps=1000,
        objectives=(),
        threads=1,
        memory_mb=1000,
    )
    placement = Placement(
        order=encode_order(order).decode(),
        sweep_key="rates-1a2b",
        backup=backup,
        options_file=options_file,
        homes="",
        trial=(),
    )
    return place(placement, {FOLDER_VARIABLE: str(disk)}, mounts)


def test_homes_and_fences_with_an_object_store(tmp_path: Path) -> None:
    with bucket(tmp_path) as s3:
        options = str(s3.options_file)
        first = placed(tmp_path / "n1", s3.url, 1, options)
        assert first.home == tmp_path / "n1" / "rates-1a2b" / "00007" / "00001"
        assert first.home.stat().st_mode & 0o777 == 0o700
        config = msgspec.json.decode(first.config, type=Config)
        assert config.backup.directory == ""
        assert [(one.url, one.options_file) for one in config.backup.targets] == [
            (f"{s3.url}/rates-1a2b/00007/00001", options)
        ]
        assert s3.objects() == {}

        assert placed(tmp_path / "n1", s3.url, 2, options).home == first.home
        elsewhere = placed(tmp_path / "n2", s3.url, 3, options)
        assert (elsewhere.home.name, elsewhere.restore_from) == ("00003", None)
        assert sorted(s3.objects()) == [
            "rates-1a2b/00007/00001/fenced",
            "rates-1a2b/00007/00002/fenced",
        ]
        with pytest.raises(PlacedElsewhereError):
            placed(tmp_path / "n1", s3.url, 2, options)
        assert placed(tmp_path / "n1", s3.url, 4, options).home.name == "00004"


def test_without_a_target_a_node_has_one_home(tmp_path: Path) -> None:
    order = placed(tmp_path, "none", 5)
    assert order.home == placed(tmp_path, "none", 6).home
    assert msgspec.json.decode(order.config, type=Config).backup.targets == []


def test_a_target_that_is_not_mounted_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OffsiteTargetError, match="is its disk mounted"):
        placed(tmp_path / "n1", (tmp_path / "missing").as_uri(), 1)


def test_homes_on_a_network_file_system_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotPlaceError, match="a network file system"):
        placed(tmp_path / "not" / "yet", "none", 1, mounts=f"filer:/x {tmp_path} nfs4 rw 0 0\n")


def test_the_folder_of_homes() -> None:
    assert homes_folder("/scratch", {}) == Path("/scratch")
    assert homes_folder("/scratch", {FOLDER_VARIABLE: "/nvme"}) == Path("/nvme")
    assert homes_folder("", {"XDG_STATE_HOME": "/s"}) == Path("/s/landerctl/ray")
    with pytest.raises(CannotPlaceError, match="absolute"):
        homes_folder("scratch", {})
