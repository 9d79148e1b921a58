"""`python -m daemon.supervisor.alerting.apprise_check`: what is wrong with addresses of apprise.

Reads a JSON list of addresses from standard input and writes one of texts, empty for an address
that can be used. A process of its own, as apprise takes a second to load.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Collection

import msgspec

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


def main() -> None:
    """Check the addresses on standard input."""
    from apprise import Apprise  # noqa: PLC0415 - the supervisor imports this module's function
    from apprise.plugins import N_MGR  # noqa: PLC0415

    urls = msgspec.json.decode(sys.stdin.buffer.read(), type=list[str])
    schemes = set(N_MGR.schemas())  # type: ignore[no-untyped-call]
    problems = ["" if Apprise.instantiate(url) else problem(url, schemes) for url in urls]
    sys.stdout.buffer.write(msgspec.json.encode(problems))


def problem(url: str, schemes: Collection[str]) -> str:
    """Why apprise cannot use an address, without more of it than its scheme."""
    if not url:
        return "is empty; expected an address of apprise, such as ntfy://..."
    if not (found := _URL.match(url)):
        return "is not a URL; expected an address of apprise, such as ntfy://..."
    scheme = found[1].lower()
    if scheme in schemes:
        return (
            f"apprise cannot use this address of {scheme!r}: a part of it is missing or malformed; "
            "see its documentation of the service"
        )
    similar = difflib.get_close_matches(scheme, schemes, n=1)
    hint = f"; did you mean {similar[0]!r}?" if similar else ""
    return f"apprise knows no service {scheme!r}{hint}"


if __name__ == "__main__":
    main()
