"""The Containerfile and compose.yaml: what an engine, or `tests.packaging.container`, relies on."""

from __future__ import annotations

import re
import signal

from daemon.config import load_config
from landerctl.cli.commands.run.service import STOP_MARGIN_S
from tests.daemon.harness import ROOT
from tests.packaging.containerfile import read_containerfile

COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")


def test_the_program_is_process_1_of_a_user_of_its_own() -> None:
    image = read_containerfile(ROOT / "Containerfile")[-1]
    # Lists of words: a shell between would be process 1.
    command = [*image.words("ENTRYPOINT"), *image.words("CMD")]
    assert command == ["landerctl", "start", "--foreground"]
    assert image.last("USER") not in ("root", "0")
    assert image.last("STOPSIGNAL") == signal.SIGTERM.name
    assert "CMD landerctl check " in image.last("HEALTHCHECK")


def test_what_training_leaves_is_in_volumes() -> None:
    image = read_containerfile(ROOT / "Containerfile")[-1]
    variables = image.variables("ENV")
    kept = {variables["LANDERCTL_HOME"], variables["XDG_CACHE_HOME"]}
    assert set(image.words("VOLUME")) == kept
    assert kept <= set(re.findall(r":(/\S+)$", COMPOSE, re.MULTILINE))


def test_each_base_image_has_a_version() -> None:
    bases = [stage.base for stage in read_containerfile(ROOT / "Containerfile")]
    images = re.findall(r"image: (\S+/\S+)", COMPOSE)
    assert images
    for name in (*bases, *images):
        assert re.search(r":v?\d+\.\d+\.\d+", name), name


def test_what_the_containerfile_copies_and_compose_mounts_exists() -> None:
    [build, _] = read_containerfile(ROOT / "Containerfile")
    copies = [one.text.split() for one in build.instructions if one.name == "COPY"]
    copied = [name for *names, _ in copies for name in names]
    mounted = re.findall(r"- (\./[^:]+):", COMPOSE)
    assert mounted
    for name in [*copied, *mounted]:
        assert (ROOT / name).exists(), name
    sent = (ROOT / ".containerignore").read_text("utf-8")
    assert all(f"!{name}\n" in sent for name in copied)
    assert (ROOT / ".dockerignore").read_text("utf-8") == sent


def test_an_engine_waits_until_the_trainer_has_saved() -> None:
    [grace_s] = map(float, re.findall(r"stop_grace_period: (\d+)s", COMPOSE))
    assert grace_s > load_config(None).config.supervision.stop_timeout_s + STOP_MARGIN_S


def test_a_restart_of_landerctl_takes_no_network_away() -> None:
    assert COMPOSE.count("network_mode: service:network\n") == 3
    assert "network_mode: service:landerctl" not in COMPOSE


def test_grafana_reads_the_dashboard_from_where_it_is_mounted() -> None:
    provider = (ROOT / "landerctl/monitoring/grafana-dashboards.yml").read_text("utf-8")
    [folder] = re.findall(r"path: (\S+)", provider)
    assert f"landerctl-dashboard.json:{folder}/" in COMPOSE
