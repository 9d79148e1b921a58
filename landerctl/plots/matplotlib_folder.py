"""A place for matplotlib's files, and its silence, before the first import of it.

Without a writable home folder matplotlib, and the fontconfig that it runs, write warnings into the
output of a command. Both get a folder of their own: only matplotlib's own fonts are used.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import tempfile
from collections.abc import MutableMapping
from pathlib import Path
from xml.sax.saxutils import escape

from daemon.base.files import write_atomically
from daemon.base.paths import xdg_folder

FONTS_FILE = "fonts.conf"
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}</dir><cachedir>{folder}</cachedir></fontconfig>
"""


def prepare_matplotlib(environ: MutableMapping[str, str] | None = None) -> None:
    """Set MPLCONFIGDIR and FONTCONFIG_FILE for this process, and let errors alone be printed.

    A folder that the user names is used if it can be; where none is writable, a temporary one.
    """
    if environ is None:
        environ = os.environ
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    named = environ.get("MPLCONFIGDIR")
    cache = xdg_folder("XDG_CACHE_HOME", ".cache", environ)
    folder = Path(named) if named else cache and cache / "landerctl" / "matplotlib"
    if folder is None or not _fill(folder):
        try:
            folder = Path(tempfile.mkdtemp(prefix="landerctl-matplotlib-"))
        except OSError:
            return  # it says itself what it lacks
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        _fill(folder)
    environ["MPLCONFIGDIR"] = str(folder)
    environ["FONTCONFIG_FILE"] = str(folder / FONTS_FILE)


def _fill(folder: Path) -> bool:
    """Create the folder with fontconfig's configuration; whether it can be used."""
    fonts, content = folder / FONTS_FILE, _FONTS.format(folder=escape(str(folder)))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not fonts.is_file():
            write_atomically(fonts, content.encode(errors="surrogateescape"))
    except OSError:
        return False
    return os.access(folder, os.W_OK)
