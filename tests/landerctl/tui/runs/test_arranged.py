from __future__ import annotations

from dataclasses import replace

import msgspec

from daemon.checkpoint.manifest import FORMAT, Manifest
from daemon.config import load_config
from daemon.runs.metadata import Parent, RunMetadata
from landerctl.operations.runs.summary import RunSummary
from landerctl.tui.runs.arranged import Arrangement, Order, arranged

NOW_S = 1_000_000.0


def run(
    name: str,
    age_s: float,
    *,
    reached: tuple[int, int, float] | None = None,
    tags: tuple[str, ...] = (),
    parent: str | None = None,
    archived: bool = False,
) -> RunSummary:
    """`reached`: timesteps, stage, success."""
    metadata = RunMetadata(
        name=name,
        tags=tags,
        created_s=NOW_S - age_s,
        parent=None if parent is None else Parent(f"id-{parent}", "000001-5-gate", 5),
        archived_s=NOW_S if archived else None,
    )
    newest = None
    if reached is not None:
        newest = Manifest(
            format=FORMAT, id="", sequence=1, run_id="", kind="stop", created_s=0.0,
            algorithm="ppo", timesteps=reached[0], stage=reached[1], ramp_step=1, episodes=1,
            success_rate=reached[2], reward_mean=0.0, restored_from=None, versions={}, files={},
        )  # fmt: skip
    return RunSummary(
        id=f"id-{name}",
        metadata=metadata,
        current=False,
        state="stopped",
        gates=0,
        settings=load_config(None).config.run,
        newest=newest,
    )


RUNS = [
    run("old", 900.0, reached=(100, 3, 0.5), tags=("sweep",)),
    run("fork", 800.0, reached=(300, 2, 0.9), parent="old"),
    run("late", 100.0, reached=(200, 3, 0.7)),
    run("twig", 90.0, parent="fork"),
    run("gone", 80.0, archived=True),
]


def names(wanted: Arrangement) -> list[str]:
    return [one.branch + one.run.name for one in arranged(RUNS, wanted, NOW_S)]


def test_the_newest_comes_first_and_archived_ones_are_hidden() -> None:
    assert names(Arrangement()) == ["twig", "late", "fork", "old"]
    assert names(Arrangement(archived=True))[0] == "gone"


def test_each_order_puts_runs_without_a_checkpoint_last() -> None:
    found = {order: names(Arrangement(order)) for order in Order}
    assert found[Order.NAME] == ["fork", "late", "old", "twig"]
    assert found[Order.STEPS] == ["fork", "late", "old", "twig"]
    assert found[Order.STAGE] == ["late", "old", "fork", "twig"]
    assert found[Order.SUCCESS] == ["fork", "late", "old", "twig"]


def test_forks_are_listed_below_their_parents() -> None:
    assert names(Arrangement(tree=True)) == ["late", "old", "└ fork", "  └ twig"]
    assert names(Arrangement(tree=True, words="twig")) == ["twig"]


def test_a_run_that_names_itself_as_its_ancestor_is_listed() -> None:
    own = msgspec.structs.replace(
        RUNS[0], metadata=msgspec.structs.replace(RUNS[0].metadata, parent=Parent("id-old", "", 0))
    )
    assert [one.run.name for one in arranged([own], Arrangement(tree=True), NOW_S)] == ["old"]


def test_words_and_conditions_are_all_to_be_met() -> None:
    wanted = Arrangement(order=Order.NAME)
    assert names(replace(wanted, words="SWEEP")) == ["old"]
    assert names(replace(wanted, words="stage>=3")) == ["late", "old"]
    assert names(replace(wanted, words="stage>=3 success>60% ppo")) == ["late"]
    assert not names(replace(wanted, words="stage>="))  # not a condition yet: a word
