"""Commands that are not run here, and why."""

from __future__ import annotations

FLIES = "flies episodes for a minute; tests/landerctl/matrix runs the verb"
HOURS = "takes minutes to hours"
MAKE = "a target of make: test_links.py holds that it exists"
INSTALLS = "needs the network, or root"
PARTS = "the same as another one here, with other values: each imports the simulation for seconds"
CLOUD = (
    "needs a cloud: tests/daemon/offsite and tests/e2e/test_offsite.py restore from object stores"
)
OPENS = "runs until Ctrl-C: tests/landerctl/cli/commands/watch runs it"
ELSEWHERE = {
    **dict.fromkeys(
        ("make run", "make test", "make lint", "make torture", "make failpoints", "make bench"),
        MAKE,
    ),
    "make results": HOURS,
    "landerctl review weekly --evaluate --send": FLIES,
    "landerctl review weekly --evaluate >/dev/null": FLIES,
    **dict.fromkeys(
        (
            "landerctl drill all",
            "landerctl drill environment",
            "landerctl drill backup rollback --json",
            "landerctl drill environment reward",
            "landerctl drill backup rollback resume crash",
            "landerctl drill alerts",
            "landerctl drill algorithms",
            "landerctl drill evaluation",
            "landerctl drill due",
        ),
        HOURS,
    ),
    "pip install .": INSTALLS,
    "lander/bin/pip install --constraint constraints.txt .": INSTALLS,
    "python -m build": INSTALLS,
    "pip install py-spy": INSTALLS,
    "pip install ./examples/plugin": "tests/landerctl/test_plugins.py installs it",
    "landerctl check plugin:pace": "tests/landerctl/test_plugins.py runs it",
    "landerctl alerts test diary": "tests/landerctl/test_plugins.py asks for it",
    "landerctl fly --pilot reference": FLIES,
    "python -m pytest tests/env": "a test of tests",
    "python -m pytest tests/env/task": "a test of tests",
    "python -m pytest tests/daemon/trainer/algorithms tests/daemon/trainer/loop": "a test of tests",
    "pip install build && .venv/bin/python -m build": INSTALLS,
    "sudo .venv/bin/py-spy record --native --pid PID --duration 60 --output trainer.svg": INSTALLS,
    "loginctl enable-linger": "changes this machine",
    "kill -CONT -- -PID": "tests/daemon/supervisor/process/test_frozen.py sends it",
    "landerctl --install-completion": "changes the shell's files; tests/landerctl/cli/test_app.py "
    "completes with its script",
    "LANDERCTL_HOME=/tmp/look LANDERCTL_FAILPOINT=backup.copied:kill .venv/bin/landerctl backup": (
        "tests/failpoints does it at every failpoint"
    ),
    "python -m pytest tests/daemon/rollback -k journal": "a test of tests",
    "python -m pytest -n 2 --dist loadfile tests/daemon": "a test of tests",
    "landerctl selftest": "tests/e2e/test_session.py runs it: it trains",
    "landerctl selftest --json": "tests/e2e/test_session.py runs it: it trains",
    "landerctl events --follow --name 'rollback.*'": OPENS,
    "landerctl events --follow --severity warning": OPENS,
    "landerctl logs --follow --level warning": OPENS,
    "landerctl stop --note 'the machine moves'": "as `landerctl stop`",
    "landerctl checklist burn-in --watch": OPENS,
    "landerctl burn-in --watch": OPENS,
    **dict.fromkeys(
        (
            "landerctl checklist ID",
            "landerctl drill NAME",
            "landerctl signoff SUBJECT --by NAME",
            "landerctl config edit [FILE]",
            "landerctl restore FOLDER --run ID",
            "landerctl runs --where",
            "landerctl runs compare",
            "landerctl runs rename RUN NAME",
            "landerctl runs switch RUN",
            "landerctl runs unarchive RUN",
            "landerctl seeds",
            "landerctl start --from",
            "landerctl sweep export FILE",
            "landerctl sweep show",
            "landerctl film",
            "landerctl film [PILOT] --out FILE",
            "landerctl fly",
            "landerctl fly --pilot",
            "landerctl fly --save FILE",
            "landerctl start --from RUN/STATE",
            "landerctl start --fresh --seed N",
        ),
        "the form of a command",
    ),
    **dict.fromkeys(
        (
            "landerctl metrics push http://gateway.example.org:9091",
            "landerctl metrics push http://gateway.example.org:9091 >/dev/null",
            "landerctl metrics push http://localhost:9091 --job landers --instance bench-2",
            "landerctl metrics push --url-file ~/.config/landerctl/gateway-url",
        ),
        "needs a Pushgateway: tests/landerctl/operations/test_pushing.py has one",
    ),
    "landerctl config schema > docs/config.schema.json": "as `landerctl config schema`",
    "landerctl start --from current/best --set ppo.clip_range=0.1 --name careful": (
        "starts a training: tests/landerctl/operations/starting and tests/failpoints fork"
    ),
    **dict.fromkeys(
        (
            "landerctl seeds 5",
            "landerctl seeds 5 --stage 1",
            "landerctl seeds 5 --stage 1 --steps 400000",
            "landerctl seeds 5 --set ppo.desired_kl=0.004 --name kl-low",
        ),
        "trains for hours: tests/landerctl/operations/sweeps begins one",
    ),
    "landerctl tensorboard": OPENS,
    "landerctl web": "serves until Ctrl-C: tests/landerctl/web runs it",
    "landerctl web --write": "as `landerctl web`",
    "landerctl web --behind-proxy https://lander.example.org": "as `landerctl web`",
    "pip install 'landerctl[export]'": INSTALLS,
    "pip install 'landerctl[web]'": INSTALLS,
    "pip install 'landerctl[parquet]'": INSTALLS,
    "pip install 'landerctl[tracking]'": INSTALLS,
    "landerctl tensorboard --open": "opens a browser",
    "landerctl tensorboard --run 20261123-004146-curriculum-ppo-1223 --port 6007": OPENS,
    **dict.fromkeys(
        (
            "landerctl preflight",
            "landerctl preflight --send",
            "landerctl preflight --json | jq '.rows[] | select(.level > 0)'",
        ),
        "its exit code is the machine's: tests/landerctl/cli/commands/decide runs it",
    ),
    **dict.fromkeys(
        (
            "landerctl benchmarks",
            "landerctl benchmarks --json | jq '.[] | select(.row.holds == false)'",
        ),
        "its exit code is the machine's speed: tests/landerctl/cli/commands/decide runs it",
    ),
    "landerctl status --home ~/.local/state/landerctl/sweeps/kl/trials/00003": (
        "names a trial of a sweep that is not there"
    ),
    "landerctl restore": "a mention without its target",
    "landerctl restore s3://my-bucket/landers --options-file s3.toml": CLOUD,
    "landerctl restore s3://bucket/landers --options-file ~/s3.toml "
    "--to 000012-600000-gate --yes": CLOUD,
    "landerctl rollback --to last-good --yes": PARTS,
    **dict.fromkeys(
        (
            "landerctl evaluate",
            "landerctl evaluate --episodes 500",
            "landerctl evaluate best --episodes 500",
            "landerctl evaluate best quiet-crater/best",
            "landerctl evaluate best --episodes 500 --stage 5",
            "landerctl evaluate best --episodes 500 --stage 5 --json",
            "landerctl fly --stage 3",
            "landerctl fly --stage 5",
            "landerctl fly --pilot best",
            "landerctl fly --stage 4 --json | jq .touchdown_speed_m_s",
            "landerctl fly --pilot best --stage 5 --seed N",
            "landerctl fly --stage 3 --seed N",
            "landerctl export lander.onnx",
            "landerctl export best lander.c --judge",
            "landerctl export quiet-crater/best lander.zip --format sb3",
            "landerctl export lander.safetensors --json | jq .actions.largest_difference",
            "landerctl evaluate best --disperse",
            "landerctl evaluate best --disperse --episodes 200",
            "landerctl evaluate best --disperse mine.toml --json",
            "landerctl evaluate best --disperse mine.toml --episodes 500 --stage 5 --json",
            "landerctl fly --pilot best --stage 2 --seed 7 --disperse --only thrust",
            "landerctl fly --pilot best --stage 5 --seed 1000017 --disperse --only thrust",
            "landerctl fly --seed N --disperse FILE --only PARAMETER",
            "landerctl export best --format c landing_policy.c",
            "landerctl export best --format c landing_policy.c --json > export.json",
            "python fly.py export.json ./controller",
            "landerctl film --out landing.gif",
            "landerctl film best --out landing.mp4",
            "landerctl film best --seed 7 --out landing.mp4",
            "landerctl film quiet-crater/newest --stage 5 --speed 4 --out descent.mp4",
            "landerctl film best --size 640x360 --out landing.gif --json | jq .outcome",
            "landerctl film 000001-8000-stop --seed 7 --out crash.mp4",
        ),
        PARTS,
    ),
}
