"""What the operator's terminal is: its driver, which characters it shows, when it is gone."""

from __future__ import annotations

import codecs
import os
import select
from collections.abc import Mapping

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from daemon.base.text.charset import ASCII, UTF8, user_charset
from landerctl.exitcodes import Exit
from landerctl.tui.display.symbols import CONSOLE

_READ_BYTES = 4096
_POLL_MS = 100


def screen_charset(environ: Mapping[str, str]) -> str:
    """The codec whose characters the terminal shows: all, the console's, or ASCII."""
    if user_charset() != UTF8:
        return ASCII
    return CONSOLE if environ.get("TERM") == "linux" else UTF8


class TerminalDriver(LinuxDriver):
    """As Textual's, but input that is no UTF-8 does not end it, and a lost terminal does.

    Textual's own reads the end of input again and again, as fast as it can, and its output blocks.
    """

    def run_input_thread(self) -> None:
        """Read keys, until the screen ends or the terminal is gone."""
        parser = XTermParser(self._debug)
        decode = codecs.getincrementaldecoder(UTF8)(errors="replace").decode
        poll = select.poll()
        poll.register(self.fileno, select.POLLIN)
        while not self.exit_event.is_set():
            for _ in poll.poll(_POLL_MS):
                data = _read(self.fileno)
                if not data:
                    # Nothing can be shown any more, and nothing is to be saved: a request that
                    # was sent is the daemon's.
                    os._exit(Exit.TERMINAL_LOST)
                for event in parser.feed(decode(data)):
                    self.process_message(event)
            for event in parser.tick():
                self.process_message(event)


def _read(descriptor: int) -> bytes:
    """Bytes of the terminal; none if it is gone."""
    try:
        return os.read(descriptor, _READ_BYTES)
    except OSError:
        return b""
