"""What a report is made of, with texts by which somebody tries to get markup into it."""

from __future__ import annotations

import msgspec

from checks.checklist.facts import Facts
from checks.checklist.ledger.record import Entry
from daemon.protocol.finding import Finding
from daemon.rollback.incident_log import LoggedIncident
from landerctl.report.content import Material
from landerctl.report.document import Picture
from tests.checks.checklist.facts_samples import ADDRESS, facts
from tests.checks.checklist.golive.all_holds import decided, judged, signed_home
from tests.checks.evidence_samples import NOW_S

HOSTILE = '</td><script>alert(1)</script> | `x` <img src=x onerror="y">\n# big [a](http://evil)'
# Beginning like a PNG is enough here.
PICTURE = Picture(b"\x89PNG", f"What it shows: {HOSTILE}")


def good() -> Material:
    """Everything holds and is signed."""
    return material(signed_home())


def hostile() -> Material:
    """Each text that comes from outside is hostile."""

    def entry(kind: str, subject: str, holds: bool | None) -> Entry:
        return msgspec.convert(
            {
                "kind": kind,
                "subject": subject,
                "time_s": NOW_S,
                "address": ADDRESS,
                "holds": holds,
                "text": HOSTILE,
                "by": HOSTILE,
                "figures": {"configuration": HOSTILE, "initial_success_rate": HOSTILE},
                "findings": (Finding(HOSTILE, True, HOSTILE),),
            },
            Entry,
            from_attributes=True,
        )

    found = facts(
        entry("signoff", "qa", False),
        entry("golive", "override", False),
        entry("note", "production", None),
        entry("review", HOSTILE, True),
        entry("incident", "20261129-064512", True),
    )
    log = (LoggedIncident("20261129-064512", HOSTILE, NOW_S, HOSTILE),)
    return material(msgspec.structs.replace(found, incident_log=log))


def material(found: Facts) -> Material:
    return Material(
        found,
        judged(found),
        decided(found, loosened=("burn_in_h = 0.2 instead of 72",)),
        evaluation=None,
        pictures=(PICTURE,),
        not_drawn=(HOSTILE,),
    )
