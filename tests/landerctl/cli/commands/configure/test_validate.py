"""All faults of a file at once."""

from __future__ import annotations

import json
from pathlib import Path

from daemon.config.secrets import FILES, MISUSED, VALUES
from landerctl.exitcodes import Exit
from tests.landerctl.operator_side import landerctl

TEN = """\
[run]
mode = demo
n_envs = 1000
sed = 7

[network]
hidden = [1,
  2 3]

[supervision]
backoff_initial_s = 900.0

[rollback.triggers]
memory-growin = "off"

[[alerts]]
name = "mine"
metric = "disk/fre_gb"
comparison = "beyond"
threshold = 1.0
for_s = 0.0
severity = "warning"
summary = "x"

[terain]
cell_m = 0

[tui]
theme = "moon"

[network]
log_std_init = -1
"""
SECRET = "hunter2hunter2"
SECRETS = f"""
[[notify.targets]]
name = "phone"
url = "ntfy://user:{SECRET}@host"
min_severity = "loud"

[[notify.targets]]
name = "pager"
command = ["send", "{SECRET}"]
{SECRET} = "{SECRET}"

[[notify.targets]]
name = "mail"
url_file = "mailto://user:{SECRET}@host"

[[backup.targets]]
name = "cloud"
url = 's3://user:{SECRET}@bucket'
options_file = "https://user:{SECRET}@host"

[tracking]
mlflow_uri = "https://user:{SECRET}@host"
mlflow_uri_file = "https://user:{SECRET}@host"

[checks]
ping_url_file = "https://hc-ping.com/{SECRET}"
"""


def test_ten_faults_are_ten_lines_with_their_numbers(tmp_path: Path) -> None:
    file = tmp_path / "ten.toml"
    file.write_text(TEN)
    ended = landerctl(tmp_path / "home", "config", "validate", str(file))
    assert ended.returncode == Exit.CONFIG
    assert ended.stderr == f"landerctl: {file}: 10 faults\n"
    assert ended.stdout.splitlines() == [
        f"{file}:{line}"
        for line in (
            "2: is not valid TOML: Invalid value",
            "3: run.n_envs = 1000: expected int <= 512",
            "4: unknown key run.sed = 7; did you mean 'seed'?",
            "7: is not valid TOML: Unclosed array",
            "11: supervision.backoff_initial_s = 900: must not exceed "
            "supervision.backoff_max_s = 60",
            "14: rollback.triggers.memory-growin = 'off': no alert rule has this name",
            "18: alerts.mine.metric = 'disk/fre_gb': there is no such metric; did you mean "
            "'disk/free_gb'?",
            "19: alerts.mine.comparison = 'beyond': expected one of above, below",
            "25: unknown key terain; did you mean 'terrain'?",
            "31: is not valid TOML: a table is defined twice",
        )
    ]
    assert not (tmp_path / "home").exists()


def test_no_secret_is_printed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    file = home / "config.toml"
    file.write_text(SECRETS)
    for path in (*VALUES, *FILES, *MISUSED):
        assert path.rpartition(".")[2] in SECRETS
    for verb in ("validate", "show", "diff daemon defaults"):
        ended = landerctl(home, "config", *verb.split())
        assert ended.returncode == Exit.CONFIG
        assert SECRET not in ended.stdout + ended.stderr
    found = json.loads(landerctl(home, "config", "validate", "--json").stdout)
    assert {one["line"] for one in found} == {5, 10, 14, 19, 22, 23, 26}
    assert SECRET not in json.dumps(found)


def test_layers_are_judged_together_and_files_alone(tmp_path: Path) -> None:
    targets, reviews = tmp_path / "targets.toml", tmp_path / "reviews.toml"
    targets.write_text("[[notify.targets]]\nname = 'pager'\ncommand = ['true']\n")
    reviews.write_text("[reviews]\ntargets = ['pager']\n")
    files = [str(targets), str(reviews)]
    named = [word for file in files for word in ("--config", file)]
    ended = landerctl(tmp_path / "home", "config", "validate", *named)
    assert (ended.returncode, ended.stdout) == (0, f"{files[0]} and {files[1]}: valid\n")
    ended = landerctl(tmp_path / "home", "config", "validate", *files)
    assert ended.stdout.startswith(f"{reviews}:2: reviews.targets: no target")
