"""A table as CSV, JSON and Parquet: the same cells."""

from __future__ import annotations

import csv
import io
import json
import math
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from landerctl.failure import Failure
from landerctl.operations.tables import formats
from landerctl.operations.tables.destination import opened
from landerctl.operations.tables.formats import require_format, write_table
from landerctl.operations.tables.table import Cell, Table

ROWS: list[tuple[Cell, ...]] = [
    (1.5, "run, one", None, 0.1, '{"kind":"gate"}'),
    (2.5, "run two", 1 << 40, math.nan, "{}"),
    (3.5, None, 7, math.inf, "{}"),
]


def table(rows: Sequence[Sequence[Cell]] = ROWS) -> Table:
    return Table(
        {"time_s": "number", "run": "text", "steps": "integer", "x": "number", "body": "json"},
        iter(rows),
    )


def written(kind: formats.TableFormat, rows: Sequence[Sequence[Cell]] = ROWS) -> bytes:
    stream = io.BytesIO()
    assert write_table(table(rows), kind, stream) == len(rows)
    return stream.getvalue()


def test_csv() -> None:
    text = written("csv").decode()
    found = list(csv.DictReader(io.StringIO(text)))
    assert [row["run"] for row in found] == ["run, one", "run two", ""]
    assert [row["steps"] for row in found] == ["", str(1 << 40), "7"]
    assert [row["x"] for row in found] == ["0.1", "nan", "inf"]
    assert written("csv", []) == b"time_s,run,steps,x,body\n"


def test_json() -> None:
    text = written("json").decode()
    assert len(text.splitlines()) == len(ROWS) + 2
    assert json.loads(text) == [
        {"time_s": 1.5, "run": "run, one", "x": 0.1, "body": {"kind": "gate"}},
        {"time_s": 2.5, "run": "run two", "steps": 1 << 40, "x": None, "body": {}},
        {"time_s": 3.5, "steps": 7, "x": None, "body": {}},
    ]
    assert json.loads(written("json", [])) == []


def test_parquet() -> None:
    pyarrow: Any = pytest.importorskip("pyarrow")
    parquet: Any = pytest.importorskip("pyarrow.parquet")
    found = parquet.read_table(pyarrow.BufferReader(written("parquet"))).to_pydict()
    assert found["run"] == ["run, one", "run two", None]
    assert found["steps"] == [None, 1 << 40, 7]
    assert math.isnan(found["x"][1]) and found["x"][::2] == [0.1, math.inf]
    empty = parquet.read_table(pyarrow.BufferReader(written("parquet", [])))
    assert empty.num_rows == 0 and empty.num_columns == 5


def test_parquet_of_many_cells_and_without_pandas() -> None:
    script = """
import io, sys
import pyarrow.parquet
from landerctl.operations.tables.formats import write_table
from landerctl.operations.tables.table import Table
rows = [(float(i) if i % 3 else None, f"größe {i}" if i % 7 else None, -i) for i in range(40_000)]
stream = io.BytesIO()
write_table(Table({"x": "number", "name": "text", "n": "integer"}, iter(rows)), "parquet", stream)
assert "pandas" not in sys.modules, "50 MB of memory"
# Of a stream of Python's it may close at exit what is gone by then, and abort.
found = pyarrow.parquet.read_table(pyarrow.BufferReader(stream.getvalue())).to_pydict()
assert list(zip(*found.values())) == rows
"""
    pytest.importorskip("pyarrow")
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_no_more_than_a_batch_is_held(
    kind: formats.TableFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    monkeypatch.setattr(formats, "BATCH_CELLS", 10)
    monkeypatch.setattr(formats, "GROUP_BATCHES", 2)
    stream, ahead = io.BytesIO(), []

    def rows() -> Iterator[Sequence[Cell]]:
        size = stream.tell()
        since = 0
        for number in range(40):
            since = 0 if stream.tell() > size else since + 1
            size = stream.tell()
            ahead.append(since)
            yield (float(number), "run", number, 0.0, "{}")

    assert write_table(Table(table().columns, rows()), kind, stream) == 40
    assert max(ahead) <= 6


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("before")

    def rows() -> Iterator[Sequence[Cell]]:
        yield ROWS[0]
        raise Failure("the store is damaged")

    with pytest.raises(Failure, match="damaged"), opened(path) as stream:
        write_table(Table(table().columns, rows()), "csv", stream)
    assert path.read_text() == "before" and list(tmp_path.iterdir()) == [path]
    with opened(path) as stream:
        write_table(table(), "csv", stream)
    assert len(path.read_text().splitlines()) == 4
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Failure, match="name another file"), opened(tmp_path / "no" / "x.csv"):
        pass


def test_without_pyarrow_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    with pytest.raises(Failure, match=r"pip install 'landerctl\[parquet\]'"):
        require_format("parquet")
    require_format("csv")
