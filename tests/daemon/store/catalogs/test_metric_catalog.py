"""docs/metrics.md is the catalogue's, and the supervisor stores no metric that is not in it."""

from __future__ import annotations

from daemon.config import load_config
from daemon.store.catalogs.metric_catalog import CATALOGUE, KINDS, find_kind
from daemon.store.catalogs.metric_catalog_page import render_metrics_page
from daemon.store.catalogs.metric_names import MACHINE_METRICS
from daemon.store.reader import StoreReader
from daemon.store.records import GpuStatus
from daemon.supervisor.alerting.event_counters import EventCounters
from daemon.supervisor.monitoring.gpus import samples
from tests.daemon.harness import ROOT, Home
from tests.waiting import eventually


def test_the_page_matches_the_catalogue() -> None:
    assert (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8") == render_metrics_page(), (
        "run: python -m daemon.store.catalogs.metric_catalog_page > docs/metrics.md"
    )


def test_each_metric_is_in_it_once() -> None:
    assert len(CATALOGUE) == len(KINDS)


def test_a_units_word_stands_in_the_name() -> None:
    for kind in KINDS:
        word = kind.unit.in_name
        assert not word or f"_{word}_" in f"_{kind.name.replace('/', '_')}_", kind


def test_the_machines_metrics_are_in_it() -> None:
    assert CATALOGUE.keys() >= MACHINE_METRICS


def test_every_metric_of_a_default_rule_is_in_it() -> None:
    for rule in load_config(None).config.alerts:
        assert rule.metric in CATALOGUE, rule


def test_metrics_of_events_and_gpus_are_in_it() -> None:
    gpu = GpuStatus(50.0, 2e9, 8e9, 62.0)
    for name in (*EventCounters().metrics(0.0), *samples([gpu]), *samples([gpu, gpu])):
        assert find_kind(name) is not None, name


def test_what_a_running_supervisor_stores_is_in_it(home: Home) -> None:
    def stored_names() -> list[str]:
        with StoreReader.open(home.paths.store) as store:
            return store.sample_names()

    daemon = home.started()
    eventually(
        lambda: {"cpu/machine_percent", "trainer/given_up"} <= set(stored_names()), "the samples"
    )
    home.stop(daemon)
    stored = stored_names()
    assert [name for name in stored if find_kind(name) is None] == []
