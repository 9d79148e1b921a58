"""Settings that do not fit each other are refused: all at once, with their lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.config import ConfigError, load_config
from daemon.config.load import default_config_path

RULE = """
[[alerts]]
name = "{name}"
metric = "time/fps"
comparison = "below"
threshold = 1.0
for_s = 0.0
severity = "warning"
summary = "slow"
"""


def refusal(folder: Path, text: str) -> str:
    file = folder / "config.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    return str(caught.value).removeprefix(f"{file}: ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[expected]\nsteps_per_s = [5, 1]\n",
            "line 2: expected.steps_per_s = [5.0, 1.0]: the first number must not exceed the "
            "second",
        ),
        (
            "[td3]\naction_noise_sigma = [0.3, 0.1]\n",
            "line 2: td3.action_noise_sigma = [0.3, 0.1]: the first number must not exceed the "
            "second",
        ),
        (
            "[checks]\ncheckpoint_age_warning_s = 7200.0\n",
            "line 2: checks.checkpoint_age_warning_s = 7200: must not exceed "
            "checks.checkpoint_age_critical_s = 3600",
        ),
        (
            "[supervision]\nbackoff_max_s = 0.5\n",
            "line 2: supervision.backoff_initial_s = 1: must not exceed "
            "supervision.backoff_max_s = 0.5",
        ),
        (
            "[rollback.triggers]\nstage-regresing = 'off'\n",
            "line 2: rollback.triggers.stage-regresing = 'off': no alert rule has this name; did "
            "you mean 'stage-regressing'?",
        ),
        (
            RULE.format(name="slow") + "stage = 6\n",
            "line 10: alerts.slow.stage = 6: allowed 1 to 5, the number of [[curriculum.stages]]",
        ),
        (
            RULE.format(name="slow") + RULE.format(name="slow"),
            "line 12: alerts: the name 'slow' is used twice",
        ),
        (
            "[tensorboard]\nenabled = true\nport = 7000\n"
            "[prometheus]\nenabled = true\nport = 7000\n",
            "line 6: prometheus.port = 7000: is the port of [tensorboard] too",
        ),
        (
            "[tracking]\nenabled = true\n",
            "line 2: tracking.enabled = true: expected one of tracking.mlflow_uri and "
            "tracking.mlflow_uri_file",
        ),
        (
            "[tracking]\nmlflow_uri = 'sqlite:///mlflow.db'\n",
            "line 2: tracking.mlflow_uri: expected the address of a server, a URL of http or https",
        ),
        (
            "[tracking]\nmlflow_uri = 'https://me:swordfish@host'\n",
            "line 2: tracking.mlflow_uri: contains a password; put the URL into a file of mode "
            "0600 and name it in tracking.mlflow_uri_file",
        ),
        (
            "[reviews]\ntargets = ['phone']\n",
            "line 2: reviews.targets: no target of [[notify.targets]] is named 'phone'",
        ),
        (
            "[backup]\ndirectory = '~no-such-user/x'\n",
            "line 2: backup.directory: names the home folder of an unknown user (~)",
        ),
    ],
)
def test_settings_that_do_not_fit_each_other(tmp_path: Path, text: str, expected: str) -> None:
    assert refusal(tmp_path, text) == expected


def test_all_faults_of_values_are_named_at_once(tmp_path: Path) -> None:
    text = "[ppo]\ngamma = 1.5\ngama = 0.5\n[run]\nmode = 'race'\n" + RULE.format(name="Slow")
    assert refusal(tmp_path, text) == (
        "4 faults: line 5: run.mode = 'race': expected one of curriculum, demo, standard; "
        "line 2: ppo.gamma = 1.5: expected float <= 1.0; "
        "line 3: unknown key ppo.gama = 0.5; did you mean 'gamma'?; "
        "line 8: alerts[0].name: expected str matching regex '^[a-z0-9-]+$'"
    )


def test_all_faults_of_relations_are_named_at_once(tmp_path: Path) -> None:
    text = "[run]\nstage = 9\n[expected]\nsteps_per_s = [5, 1]\n"
    refused = refusal(tmp_path, text)
    assert refused.startswith("2 faults: line 4: expected.steps_per_s")
    assert "; line 2: run.stage = 9: allowed 1 to 5" in refused


def test_defaults_that_name_what_the_user_removed_are_no_fault(tmp_path: Path) -> None:
    """Rules for stage 5 with fewer stages; triggers of rules that are replaced."""
    text = default_config_path().read_text(encoding="utf-8")
    begin, end = text.index("[[curriculum.stages]]"), text.index("[checkpoints]")
    one_stage = text[begin:end].split("[[curriculum.stages]]")[1]
    file = tmp_path / "config.toml"
    file.write_text(f"[[curriculum.stages]]{one_stage}")
    assert len(load_config(file).config.curriculum.stages) == 1
    file.write_text(RULE.format(name="slow"))
    assert [rule.name for rule in load_config(file).config.alerts] == ["slow"]


def test_a_fault_of_the_command_line_has_no_line(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[run]\nstage = 1\n")
    with pytest.raises(ConfigError, match=r"config\.toml: run\.stage = 9: allowed 1 to 5"):
        load_config(file, {"run": {"stage": 9}})
