"""Entries of incidents.md: their ids, by whomever they were written."""

from __future__ import annotations

from pathlib import Path

from daemon.rollback import incidents
from daemon.rollback.incident_log import incident_id, parse, read_incident_log

AT_S = 1_795_934_712.0


def test_what_a_person_opens_is_read_with_its_id(tmp_path: Path) -> None:
    path = tmp_path / "incidents.md"
    assert read_incident_log(path) == ()
    incidents.append(path, incidents.opened(AT_S, "The disk failed", "ada", "run-1"))
    incidents.append(path, incidents.opened(AT_S, "Another one, at once", "ada", None))
    incidents.append(path, incidents.closed(AT_S + 60.0, incident_id(AT_S), "ada", "its age"))
    first, second = read_incident_log(path)
    assert (first.id, first.title, first.time_s) == (incident_id(AT_S), "The disk failed", AT_S)
    assert f"- Incident: {first.id}\n- Run: run-1\n- Opened by: ada" in first.text
    assert second.id == f"{first.id}-2"
    assert "closed by ada. Cause: its age" in path.read_text()


def test_an_entry_that_people_wrote_has_an_id_of_its_heading() -> None:
    content = "# Incidents\n\n## Power cut\n\nAll day.\n\n## 2026-06-31 10:00:00 +0000: never\n"
    one, other = parse(content)
    assert (one.title, one.time_s, one.text) == ("Power cut", None, "All day.")
    assert parse("## Power cut\n")[0].id == one.id
    assert other.title == "2026-06-31 10:00:00 +0000: never"


def test_the_id_does_not_depend_on_the_time_zone_in_which_it_was_written() -> None:
    utc, berlin = parse(
        "## 2026-11-29 06:45:12 +0000: Rollback to a\n## 2026-11-29 07:45:13 +0100: Undo\n"
    )
    assert (utc.id, berlin.id) == ("20261129-064512", "20261129-064513")
