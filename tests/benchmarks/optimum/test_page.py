"""A record of the fuel optimum becomes the tables of its page."""

from __future__ import annotations

from benchmarks.optimum.page import published_text, ratios_text
from benchmarks.record import Figure, ModuleRecord


def test_a_record_becomes_tables() -> None:
    stage = "apollo-lm, stage 4: "
    values = {
        "starts": 100.0,
        "landed by the pilot": 99.0,
        "optimum at rest, median": 500.0,
        "least of any landing, median": 480.0,
        "pilot, median": 600.0,
        "pilot of the optimum at rest, 25%": 1.1,
        "pilot of the optimum at rest, median": 1.2,
        "pilot of the optimum at rest, 75%": 1.3,
        "pilot of the least of any landing, 25%": 1.15,
        "pilot of the least of any landing, median": 1.25,
        "pilot of the least of any landing, 75%": 1.35,
    }
    record = ModuleRecord(
        figures=[
            Figure("Mars: propellant, reference published", 398.9, "kg", 399.4, 0.9987),
            *(Figure(f"{stage}{name}", value, "", None, None) for name, value in values.items()),
        ],
        cpu="a CPU",
        cores=2,
        versions={},
        note="",
    )
    assert "| Mars | 399.4 | 398.9 | -0.13% |" in published_text(record)
    text = ratios_text(record)
    assert "`apollo-lm`:" in text
    assert "starship-hls" not in text
    row = "| 4 | 100 | 99 | 500 | 480 | 600 | 1.20 (1.10 to 1.30) | 1.25 (1.15 to 1.35) |"
    assert row in text
