"""Carries the Containerfile out where no container engine runs, as root on Linux:
`python -m tests.packaging.container FOLDER`.

Its base image is replaced by this machine's file system below a writable layer (overlayfs); each
RUN and COPY is executed in it. The program then is process 1 of namespaces of its own (pid, mount),
as the image's user, in control groups with limits. What is verified is printed as lines. FOLDER
keeps the layers: a second call does not build again. It must not be on an overlayfs itself.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil

from tests.daemon.harness import ROOT
from tests.packaging.containerfile import Stage, read_containerfile
from tests.waiting import eventually

MEMORY_BYTES = 3 << 30
CPUS = 1.0
TRAINS_S = 900.0  # with all flight code to compile
STOPS_S = 60.0
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
INSIDE = "LANDERCTL_IN_NAMESPACE"
# Leaves a process that nobody waits for: its parent is then process 1.
ORPHAN = "(sleep 1 & ) ; sleep 0.1"


def main(folder: Path) -> int:
    """Build and run; in a mount namespace of its own, so that nothing stays mounted."""
    if INSIDE not in os.environ:
        command = ["unshare", "--mount", "--propagation", "private", sys.executable, "-m"]
        os.environ[INSIDE] = "1"
        os.execvp(command[0], [*command, "tests.packaging.container", str(folder)])
    stages = read_containerfile(ROOT / "Containerfile")
    trees = {stage.name: build(stage, folder) for stage in stages[:-1]}
    image = build(stages[-1], folder, trees)
    with limits() as groups:
        Container(stages[-1], image, groups).verify()
    return 0


def build(stage: Stage, folder: Path, others: Mapping[str, Path] | None = None) -> Path:
    """The stage's file system, mounted."""
    layer = folder / (stage.name or "image")
    built = layer / "built"
    tree = mount_layer(layer)
    if built.exists():
        return tree
    variables = {"PATH": PATH, "HOME": "/root"} | pip_settings()
    place = "/"
    for one in stage.instructions:
        if one.name == "WORKDIR":
            place = one.text
            (tree / place[1:]).mkdir(parents=True, exist_ok=True)
        elif one.name in ("ENV", "ARG"):
            variables |= stage.variables(one.name)
        elif one.name == "COPY":
            copy(one.text.split(), tree, tree / place[1:], others or {})
        elif one.name == "RUN":
            began_s = time.monotonic()
            command = ["chroot", str(tree), "sh", "-ec", f"cd {place}; {one.text}"]
            subprocess.run(command, env=variables, check=True, stdout=subprocess.DEVNULL)
            say(f"RUN {one.text[:60]}", began_s)
    built.touch()
    return tree


def mount_layer(layer: Path) -> Path:
    """This machine's file system below the layer, with the names of the base image."""
    upper, work, tree = (layer / name for name in ("upper", "work", "tree"))
    for one in (upper, work, tree):
        one.mkdir(parents=True, exist_ok=True)
    options = f"lowerdir=/,upperdir={upper},workdir={work}"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, tree], check=True)
    for name in ("dev", "sys"):
        subprocess.run(["mount", "--rbind", f"/{name}", tree / name], check=True)
    subprocess.run(["mount", "-t", "proc", "proc", tree / "proc"], check=True)
    python = tree / "usr" / "local" / "bin" / "python"
    if not python.is_symlink():
        python.symlink_to("/usr/bin/python3")
    return tree


def pip_settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("PIP_")}


def copy(words: Sequence[str], tree: Path, place: Path, others: Mapping[str, Path]) -> None:
    """A COPY from this checkout, or from another stage."""
    source, paths = ROOT, [word for word in words if not word.startswith("--")]
    for word in words:
        if word.startswith("--from="):
            source = others[word.removeprefix("--from=")]
    *origins, target = paths
    to = tree / target[1:] if target.startswith("/") else place / target
    for origin in origins:
        one = source / origin.lstrip("/")
        if one.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(one, to, symlinks=True, dirs_exist_ok=True, ignore=ignored)
        else:
            shutil.copy(one, to / one.name if to.is_dir() else to)


@contextmanager
def limits() -> Iterator[list[Path]]:
    """Control groups (version 1, as this machine has) with limits of memory and processor time."""
    name = f"landerctl-{os.getpid()}"
    memory, cpu = (Path("/sys/fs/cgroup") / kind / name for kind in ("memory", "cpu"))
    for group in (memory, cpu):
        group.mkdir()
    (memory / "memory.limit_in_bytes").write_text(str(MEMORY_BYTES))
    (cpu / "cpu.cfs_quota_us").write_text(str(int(CPUS * 100_000)))
    try:
        yield [memory, cpu]
    finally:
        for group in (memory, cpu):
            eventually(partial(_is_empty, group), f"no process is in {group}")
            group.rmdir()


def _is_empty(group: Path) -> bool:
    return not (group / "cgroup.procs").read_text()


class Container:
    """The image's program as process 1."""

    def __init__(self, image: Stage, tree: Path, groups: Sequence[Path]) -> None:
        self._image, self._tree, self._groups = image, tree, groups
        self._variables = image.variables("ENV")
        self._outside: subprocess.Popen[bytes] | None = None

    def verify(self) -> None:
        """Print a line for each thing that is as it should be. Raises AssertionError."""
        began_s = time.monotonic()
        arguments = [*self._image.words("ENTRYPOINT"), *self._image.words("CMD")]
        arguments += ["--mode", "demo", "--n-envs", "8"]
        namespace = ["unshare", "--pid", "--fork", f"--mount-proc={self._tree}/proc"]
        self._outside = subprocess.Popen([*self._limited(), *namespace, *self._inside(arguments)])
        first = eventually(self._first, "process 1 of the container exists")
        eventually(lambda: "daemon.supervisor" in first.cmdline(), "it is the supervisor", STOPS_S)
        assert first.uids().real != 0
        say(f"process 1 is the supervisor, as user {first.username()}", began_s)
        eventually(self._trains, "it trains", TRAINS_S)
        say("it trains", began_s)
        assert self._run(["sh", "-c", self._health()]).returncode == 0
        say("the health check holds", began_s)
        self._judged_by_limits()
        self._reaps(first)
        began_s = time.monotonic()
        first.send_signal(signal.Signals[self._image.last("STOPSIGNAL")])
        code = self._outside.wait(STOPS_S)
        assert code == 0, code
        events = self._run(["landerctl", "events", "--json"]).stdout
        newest = [json.loads(line)["name"] for line in events.splitlines()]
        assert "checkpoint.saved" in newest
        say(f"STOPSIGNAL: exit code {code}, a checkpoint is saved", began_s)

    def _judged_by_limits(self) -> None:
        shown = json.loads(self._run(["landerctl", "status", "--json"]).stdout)["status"]
        resources = shown["resources"]
        assert resources["memory_limit_bytes"] == MEMORY_BYTES, resources
        assert resources["cores"] == CPUS, resources
        print(f"judged by the limits: {resources}", flush=True)

    def _reaps(self, first: psutil.Process) -> None:
        began_s = time.monotonic()
        self._run(["sh", "-c", ORPHAN])

        def zombies() -> list[psutil.Process]:
            return [one for one in first.children() if one.status() == psutil.STATUS_ZOMBIE]

        eventually(zombies, "an orphan ends and is a zombie of process 1")
        eventually(lambda: not zombies(), "it is reaped")
        say("an orphan that ended was reaped", began_s)

    def _health(self) -> str:
        return self._image.last("HEALTHCHECK").partition("CMD ")[2]

    def _trains(self) -> bool:
        shown = self._run(["landerctl", "status", "--json"]).stdout
        status = json.loads(shown).get("status") if shown else None
        return status is not None and status["trainer"]["state"] == "RUNNING"

    def _first(self) -> psutil.Process | None:
        if self._outside is None or self._outside.poll() is not None:
            return None
        children = psutil.Process(self._outside.pid).children()
        return children[0] if children else None

    def _run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Another process in the container, as by `exec`; after its end in the image alone."""
        first = self._first()
        enter = ["nsenter", f"--target={first.pid}", "--pid", "--mount"] if first else []
        whole = [*self._limited(), *enter, *self._inside(command)]
        return subprocess.run(whole, capture_output=True, text=True, check=False)

    def _inside(self, command: Sequence[str]) -> list[str]:
        user, place = self._image.last("USER"), self._image.last("WORKDIR")
        variables = [f"{name}={value}" for name, value in self._variables.items()]
        entered = ["chroot", f"--userspec={user}:{user}", str(self._tree), "env", "-i", *variables]
        return [*entered, f"--chdir={place}", *command]

    def _limited(self) -> list[str]:
        """What begins a command line in the control groups."""
        joins = "".join(f"echo $$ > {group}/cgroup.procs; " for group in self._groups)
        return ["sh", "-ec", f'{joins}exec "$@"', "sh"]


def say(what: str, began_s: float) -> None:
    print(f"{time.monotonic() - began_s:6.1f} s  {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
