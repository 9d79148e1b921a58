"""Machine, software, settings, backups and dashboard."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from checks.checklist.collected.backup_facts import BackupFacts
from checks.checklist.facts import Facts, Outcome
from checks.checklist.gather import gather_facts
from checks.checklist.judges.configuration import JUDGES
from checks.checklist.ledger.ledger import Ledger
from checks.checklist.ledger.record import Address
from checks.preflight.machine import MachineFacts
from checks.preflight.software import SoftwareFacts
from daemon.base.paths import StatePaths
from daemon.config import load_config
from daemon.config.schema import BackupTarget, Config, NotifyTarget
from tests.checks.evidence_samples import NOW_S, change, healthy

CONFIG = load_config(None).config
SENT = BackupFacts(NOW_S - 200_000.0, 50_000, NOW_S - 3600.0, 0.0, NOW_S - 60.0)
MACHINE = MachineFacts(8, False, 32_000_000_000, False, 80_000_000_000, ())


def with_targets(config: Config = CONFIG) -> Config:
    backup = msgspec.structs.replace(
        config.backup, targets=[BackupTarget(name="disk", url="file:///mnt")]
    )
    notify = msgspec.structs.replace(
        config.notify, targets=[NotifyTarget(name="phone", command=["true"])]
    )
    tensorboard = msgspec.structs.replace(config.tensorboard, enabled=True)
    return msgspec.structs.replace(config, backup=backup, notify=notify, tensorboard=tensorboard)


def facts(config: Config | None = None, backups: BackupFacts | None = SENT) -> Facts:
    return Facts(
        now_s=NOW_S,
        address=Address("0.1.0", "f", "machine", "run-1", "s"),
        limits=CONFIG.checklist,
        evidence=change(healthy(), config=config or with_targets()),
        differing={},
        ledger=Ledger(),
        machine=MACHINE,
        software=SoftwareFacts(
            "3.11.7",
            ">=3.11,<3.14",
            dict.fromkeys(
                (
                    *("stable-baselines3", "gymnasium", "numpy"),
                    *("matplotlib", "tensorboard", "bsk"),
                ),
                ("1.0", "1.0"),
            ),
        ),
        backups=backups,
    )


def judge(name: str, found: Facts) -> Outcome:
    return JUDGES[name](found)


@pytest.mark.parametrize("name", JUDGES)
def test_a_good_setup_holds(name: str) -> None:
    assert judge(name, facts()).state == "holds"


def test_no_cloud_target_fails() -> None:
    outcome = judge("backup.cloud", facts(CONFIG))
    assert outcome.state == "fails"
    assert "backup.targets is empty" in outcome.text


def test_a_target_that_nothing_was_sent_to_is_open() -> None:
    assert judge("backup.cloud", facts(backups=None)).state == "open"


@pytest.mark.parametrize(("late_s", "state"), [(3500.0, "holds"), (3700.0, "fails")])
def test_a_target_may_lack_a_backup_for_an_hour(late_s: float, state: str) -> None:
    late = msgspec.structs.replace(SENT, unsent=2.0, complete_s=NOW_S - late_s)
    assert judge("backup.cloud", facts(backups=late)).state == state


def test_checkpoints_too_rare_are_not_a_backup_every_50k_steps() -> None:
    rare = msgspec.structs.replace(SENT, interval_steps=100_000)
    assert judge("backup.cloud", facts(backups=rare)).state == "fails"


@pytest.mark.parametrize(("age_h", "state"), [(24.0, "holds"), (26.0, "fails")])
def test_tensorboard_is_copied_daily(age_h: float, state: str) -> None:
    copied = msgspec.structs.replace(SENT, logs_copied_s=NOW_S - 2.0 - age_h * 3600.0)
    assert judge("backup.tensorboard", facts(backups=copied)).state == state


def test_tensorboard_not_copied_yet_is_open_only_on_the_first_day() -> None:
    never = msgspec.structs.replace(SENT, logs_copied_s=None)
    assert judge("backup.tensorboard", facts(backups=never)).state == "fails"
    young = msgspec.structs.replace(never, created_s=NOW_S - 3600.0)
    assert judge("backup.tensorboard", facts(backups=young)).state == "open"


def test_short_retention_fails() -> None:
    backup = msgspec.structs.replace(CONFIG.backup, keep_days=7.0)
    short = msgspec.structs.replace(CONFIG, backup=backup)
    assert judge("backup.retention", facts(short)).state == "fails"


def test_a_dashboard_nobody_is_notified_by_fails() -> None:
    outcome = judge("before.dashboard", facts(CONFIG))
    assert outcome.state == "fails"
    assert "notify.targets" in outcome.text


def test_a_broken_configuration_fails_with_its_fault() -> None:
    broken = change(healthy(), config_problem="config.toml: line 3")
    outcome = judge("software.config", msgspec.structs.replace(facts(), evidence=broken))
    assert (outcome.state, outcome.text) == ("fails", "config.toml: line 3")


def test_another_version_than_the_tested_fails() -> None:
    other = SoftwareFacts("3.11.7", ">=3.11", {"bsk": ("2.13.0", "2.12.1")})
    found = msgspec.structs.replace(facts(), software=other)
    assert judge("software.basilisk", found).state == "fails"
    assert judge("software.gymnasium", found).state == "fails"


def test_in_an_empty_home_only_what_is_measured_of_the_machine_holds(tmp_path: Path) -> None:
    found = gather_facts(StatePaths(tmp_path / "none"), NOW_S, (), {"HOME": str(tmp_path)})
    holding = {name for name in JUDGES if judge(name, found).state == "holds"}
    needs_none = {name for name in JUDGES if name.startswith(("hardware.", "software."))}
    assert holding <= needs_none | {"backup.retention"}
