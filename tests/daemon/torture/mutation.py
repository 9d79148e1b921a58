"""Faulty inputs from a seeded generator: their number, and how they are made.

`make torture` sets TORTURE_INPUTS and TORTURE_KILLS, and a TORTURE_SEED of its own for each run.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Sequence

INPUTS = int(os.environ.get("TORTURE_INPUTS", "300"))
KILLS = int(os.environ.get("TORTURE_KILLS", "6"))
SEED = int(os.environ.get("TORTURE_SEED", "1"))

# Replacements of a JSON or TOML value.
UNUSUAL = (
    *(b"NaN", b"nan", b"inf", b"-inf", b"1e308", b"1e999", b"-1e308", b"-1", b"-0.0", b"0", b"1.5"),
    *(b"9223372036854775807", b"9223372036854775808", b"9" * 30, b"9" * 4000, b"9" * 5000),
    *(b"-" + b"9" * 400, b"0x" + b"f" * 5000, b"null", b"true", b"[]", b"{}", b'""', b"'", b'"""'),
    *(b'"\\ud800"', b'"\\udc00x"', b'"\xff"', b'"\xed\xa0\x80"', b'"\\u0000"', b'"\\u001b[2J"'),
    *(b'"a\\nb"', b"2024-02-30", b"25:00:00", b"[" * 3000, b'{"a":' * 3000, b"[1]" * 3),
    *(b'"' + b"x" * 5000 + b'"', "🚀".encode(), b"a." * 3000, b'"../../etc/passwd"', b'"*[!a-"'),
)
_VALUE = re.compile(rb'"[^"\n]*"|-?\d+(\.\d+)?(e-?\d+)?|true|false|null')


def generator(name: str) -> random.Random:
    """The generator of one test. Prints its seed, shown if the test fails."""
    print(f"TORTURE_SEED={SEED}")
    return random.Random(f"{SEED} {name}")


def mutated(draw: random.Random, samples: Sequence[bytes]) -> bytes:
    """One of the samples with a few faults, or random bytes."""
    data = draw.choice(samples)
    for _ in range(draw.choice((1, 1, 2, 5))):
        data = _fault(draw, data)
    return data


def _fault(draw: random.Random, data: bytes) -> bytes:
    start, end = sorted(draw.randrange(len(data) + 1) for _ in range(2))
    unusual, noise = draw.choice(UNUSUAL), draw.randbytes(draw.choice((0, 1, 20, 1000)))
    values = [match.span() for match in _VALUE.finditer(data)]
    if values and draw.random() < 0.4:
        start, end = draw.choice(values)
        return data[:start] + unusual + data[end:]
    faults = (
        damaged(draw, data),
        data[:start],
        data[:start] + data[end:],
        data[:end] + data[start:],
        data[:start] + unusual + data[start:],
        data[:start] + noise + data[end:],
        noise,
    )
    return draw.choice(faults)


def damaged(draw: random.Random, data: bytes) -> bytes:
    """The data, same length, with flipped bits or an overwritten range."""
    content = bytearray(data)
    for _ in range(draw.choice((1, 1, 3, 20)) if content else 0):
        at = draw.randrange(len(content))
        if draw.random() < 0.7:
            content[at] ^= 1 << draw.randrange(8)
        else:
            stretch = draw.choice((1, 8, 512))
            noise = draw.choice((bytes(stretch), b"\xff" * stretch, draw.randbytes(stretch)))
            content[at : at + stretch] = noise[: len(content) - at]
    return bytes(content)
