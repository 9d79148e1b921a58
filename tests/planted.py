"""A configuration with a unique secret in each place where one may stand, and ways to break it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

# Letters and digits only, so that each is also a valid bare key of TOML.
URL, USER_PASSWORD, COMMAND = "Zurl7f3a91", "Zpass5d20c4", "Zcommand8e1b6"
URL_FILE, OPTIONS, PING, STORE = "Zurlfile2c9d", "Zoptions6b4e", "Zping3f7a58", "Zstore9d1e2"
NUMBER = "7391846250"  # a chat's id
SECRETS = (URL, USER_PASSWORD, COMMAND, URL_FILE, OPTIONS, PING, STORE, NUMBER)

# One line a setting, so that a break can name it.
TARGETS = f"""
[notify]
group_wait_s = 0.0
[[notify.targets]]
name = "mail"
url = "json://someone:{USER_PASSWORD}@127.0.0.1:9/{URL}/{NUMBER}"
[[notify.targets]]
name = "page"
command = ["sh", "-c", "exit 1", "{COMMAND}"]
[[notify.targets]]
name = "phone"
url_file = "phone"
[[backup.targets]]
name = "cloud"
url = "s3://bucket/landers"
options_file = "options"
[[backup.targets]]
name = "careless"
url = "s3://key:{STORE}@bucket/landers"
[checks]
ping_url_file = "ping"
"""
FILES = {
    "phone": f"json://127.0.0.1:9/{URL_FILE}\n",
    "options": f'endpoint = "http://127.0.0.1:9"\nregion = "r"\nsecret_access_key = "{OPTIONS}"\n',
    "ping": f"http://127.0.0.1:9/{PING}\n",
}


def plant(folder: Path, text: str, files: Iterable[str] = FILES) -> Path:
    """Write `config.toml`, and the private files that it names, into a folder."""
    for name in files:
        (folder / name).write_text(FILES[name])
        (folder / name).chmod(0o600)
    config = folder / "config.toml"
    config.write_text(text, errors="surrogateescape")
    config.chmod(0o600)
    return config


def leaked(text: str | bytes) -> list[str]:
    """The secrets in an output."""
    content = text.encode() if isinstance(text, str) else text
    return [secret for secret in SECRETS if secret.encode() in content]


def leaks_below(folder: Path, *but: Path) -> dict[str, list[str]]:
    """The secrets in each file below a folder, apart from some."""
    found = {path: leaked(path.read_bytes()) for path in folder.rglob("*") if path.is_file()}
    return {str(path): secrets for path, secrets in found.items() if secrets and path not in but}


@dataclass(frozen=True)
class Break:
    """A way to make the configuration invalid."""

    name: str
    change: Callable[[str], str]


def _instead(old: str, new: str) -> Break:
    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, 1)

    return Break(f"{old!r} -> {new!r}", change)


def _url(value: str) -> Break:
    """Another value of the first target's url."""

    def change(text: str) -> str:
        return re.sub(r"(?m)^url = .*$", lambda _: f"url = {value}", text, count=1)

    return Break(f"url = {value}", change)


def _line(line: str) -> Break:
    """A line more at the end, in the section [checks]."""
    return Break(line, lambda text: f"{text}{line}\n")


def _first(line: str) -> Break:
    return Break(f"first {line}", lambda text: f"{line}\n{text}")


BREAKS = [
    # Misspelt sections
    _instead("[[notify.targets]]", "[[notfy.targets]]"),
    _instead("[[notify.targets]]", "[[notify.target]]"),
    _instead("[[notify.targets]]", "[[Notify.targets]]"),
    _instead("[notify]\ngroup_wait_s = 0.0\n[[notify.targets]]", "[[notify]]"),
    _instead("[notify]\ngroup_wait_s = 0.0\n[[notify.targets]]", "[[notification.targets]]"),
    _instead("[[notify.targets]]", "[[notify.targets"),
    _instead("[[notify.targets]]", "[notify.targets.mail]"),
    _instead("[[backup.targets]]", "[[backup.target]]"),
    _instead("[[backup.targets]]", "[[bakup.targets]]"),
    _instead("[[backup.targets]]", "[[notify.targets]]"),
    _instead("[checks]", "[check]"),
    _instead("[checks]", "[[checks]]"),
    _instead("[notify]", f"[notify.{URL}]"),
    _instead("[notify]", f'[notify."tgram://{URL}/chat"]\n[notify."tgram://{URL}/chat"]'),
    _instead("[notify]", f"[{URL}]\n[{URL}]"),
    # Misspelt keys
    _instead("url =", "ulr ="),
    _instead("url =", "address ="),
    _instead("command =", "comand ="),
    _instead("url =", "severity ="),
    _instead("url =", "min_severity ="),
    _instead("name =", f"url{URL} = 1\nname ="),
    _instead("name =", f'"tgram://{URL}/chat" = 1\nname ='),
    _line(f"{PING} = 1"),
    _line(f'"https://hc/{PING}" = "x"'),
    _first(f"{URL} = 1"),
    _first(f'"{URL} - at `$.run.mode`" = 1'),
    # Wrong types and values
    _url(f'["tgram://{URL}"]'),
    _url(f'{{tgram = "{URL}"}}'),
    _url(NUMBER),
    _url("2026-01-01"),
    _instead('command = ["sh", ', "command = [1, "),
    _instead('["sh", "-c", "exit 1", ', '"sh" + ["'),
    _instead('command = ["sh", "-c", "exit 1", ', 'command = [["sh"], '),
    _instead('command = ["sh", "-c", "exit 1", ', "command = {sh = "),
    _instead("name =", f'name = "tgram://{URL}"\nurl_file ='),
    _instead('name = "mail"', f'name = "{URL}"'),
    _instead('name = "mail"', f'name = "mail"\nmin_severity = "{URL}"'),
    _instead("group_wait_s = 0.0", f'group_wait_s = "{URL}"'),
    _instead("[notify]\n", f'notify = "tgram://{URL}"\n#'),
    _instead('url_file = "phone"', f'url_file = "tgram://{URL_FILE}/chat"'),
    _instead('url_file = "phone"', f'url_file = "phone"\ncommand = ["{COMMAND}"]'),
    _instead('"ping"', f'"https://hc-ping.com/{PING}"'),
    _instead('"ping"', f'["{PING}"]'),
    _instead('"options"', f'{{secret_access_key = "{OPTIONS}"}}'),
    _first(f'alerts = "{URL}"'),
    _first(f'alerts = [{{name = "a", metric = "{URL}"}}]'),
    _first(f'[run]\nmode = "{URL}"'),
    _first(f'[run]\nseed = "{URL}"'),
    _first(f'[rollback.triggers]\nmemory-growing = "{URL}"'),
    _first(f'[rollback.triggers]\n{URL} = "rollback"'),
    _first(f'[terrain]\ncell_m = ["{URL}"]'),
    _first(f'[network]\nhidden = [1, "{URL}"]'),
    _first(f'[expected]\nsteps_per_s = ["{URL}", 1.0]'),
    _first(f'[backup]\nautomatic = ["{URL}"]'),
    # Not TOML
    _url(f'"tgram://{URL}/chat'),
    _url(f"'tgram://{URL}/chat"),
    _url(f'"""tgram://{URL}/chat'),
    _url(f"tgram://{URL}/chat"),
    _url(f'"\\Q{URL}"'),
    _url(f'"a" "{URL}"'),
    _url(f'"{URL}"\nurl = "{URL}"'),
    _url(f'"x"\nextra = {{a = "{URL}", a = "{URL}"}}'),
    _url(f'"x"\nextra = {{"{URL}" = 1, "{URL}" = 2}}'),
    _url(f'"x"\nextra = {{"it\'s \\"{URL}\\"" = 1, "it\'s \\"{URL}\\"" = 2}}'),
    _url(f'"\\u0000{URL}"'),
    _url(f'"x"\n{URL}'),
    _url(f'"x"\n{URL}.{URL} = inf'),
    _url(f'"x"\ndeep = {"[" * 20}"{URL}"{"]" * 20}'),
    _url(f'"x"\nlarge = {"9" * 5000}'),
    _first(f"json://{URL}"),
    _instead("[notify]", f"[notify]\n\r{URL} = '"),
    Break("not UTF-8", lambda text: text.replace("mail", "m\udcff")),
]
