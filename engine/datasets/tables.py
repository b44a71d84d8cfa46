"""Tables from CSV files: numbers, categories and gaps as a matrix of numbers.

A numeric column with gaps gets the median of its *training* part, a category the training part's
most frequent value; a category becomes one column of 0 and 1 for each of its values. What is
done to the test part is decided by the training part alone.
"""

import csv
import gzip
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from engine.operations import Array

Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Table:
    """Where a table lies and what its columns mean; columns not named here are numeric inputs."""

    file: str
    target: str
    classes: bool
    categories: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    units: tuple[tuple[str, str], ...] = ()
    """Endings of column names that are units: ("_mm", "mm")."""
    names: tuple[tuple[str, str], ...] = ()
    """What columns and classes are called where that is not what the file has."""


TABLES = {
    "penguins": Table(
        "penguins.csv",
        "species",
        True,
        categories=("island", "sex"),
        units=(("_mm", "mm"), ("_g", "g")),
    ),
    "iris": Table(
        "iris.csv",
        "species",
        True,
        names=tuple(
            (f"{part}_{side}", f"{part} {side} (cm)")
            for part in ("sepal", "petal")
            for side in ("length", "width")
        ),
    ),
    "wine": Table(
        "wine.csv",
        "cultivar",
        True,
        names=(
            *((f"class_{k}", f"cultivar {k + 1}") for k in range(3)),  # the source counts from 1
            ("od280_od315_of_diluted_wines", "OD280/OD315 of diluted wines"),
        ),
    ),
    "breast_cancer": Table("breast_cancer.csv", "diagnosis", True),
    "mpg": Table("mpg.csv", "mpg", False, categories=("origin",), ignored=("name",)),
    "digits": Table("digits.csv.gz", "digit", True),
}


@cache
def read(name: str) -> Rows:
    """The rows of a shipped table."""
    table = TABLES[name]
    content = (files("engine.datasets") / "files" / table.file).read_bytes()
    if table.file.endswith(".gz"):
        content = gzip.decompress(content)
    return read_csv(content.decode("utf-8"), table.file)


def read_csv(text: str, file: str) -> Rows:
    """CSV text with a header row; ValueError names file and line where it is not well formed."""
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        header = next(reader, [])
        records = [(reader.line_num, record) for record in reader]
    except csv.Error as error:
        raise ValueError(f"{file}, line {reader.line_num}: not well-formed CSV: {error}") from error
    if not header or len(set(header)) < len(header):
        raise ValueError(f"{file}, line 1: got {header}, expected a header of different names")
    rows: Rows = []
    for line, record in records:
        if len(record) != len(header):
            raise ValueError(
                f"{file}, line {line}: got {len(record)} values, expected {len(header)}"
            )
        rows.append({name: value.strip() for name, value in zip(header, record, strict=True)})
    if not rows:
        raise ValueError(f"{file}: got no rows, expected one at least")
    return rows


def targets(rows: Rows, table: Table) -> tuple[Array, tuple[str, ...]]:
    """The target column: class indices and class names in alphabetical order, or numbers."""
    if table.target not in rows[0]:
        raise ValueError(
            f"{table.file}, line 1: got {', '.join(rows[0])}, expected a column {table.target}"
        )
    values = [row[table.target] for row in rows]
    gaps = [line for line, value in enumerate(values, start=2) if not value]
    if gaps:
        raise ValueError(f"{table.file}, line {gaps[0]}, {table.target}: got no value")
    if not table.classes:
        return numbers(values, table.file, table.target), ()
    names = sorted(set(values), key=lambda v: (len(v), v) if v.isdigit() else (0, v))
    shown = tuple(display_name(name, table) for name in names)
    return np.array([names.index(value) for value in values]), shown


def numbers(values: Sequence[str], file: str, column: str) -> Array:
    """A column of numbers, NaN for gaps; ValueError names file, line, column and value."""
    result = np.array([_number(value) if value else np.nan for value in values])
    for index in np.flatnonzero(~np.isfinite(result)).tolist():
        if values[index]:
            raise ValueError(
                f"{file}, line {index + 2}, {column}: got {values[index]!r}, expected a finite "
                "number or nothing"
            )
    return result


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan


def inputs(rows: Rows, table: Table, training: Array) -> tuple[Array, tuple[str, ...]]:
    """The input columns (rows, columns) and their names; `training` indexes the training part."""
    columns: list[Array] = []
    names: list[str] = []
    for column in rows[0]:
        if column == table.target or column in table.ignored:
            continue
        values = [row[column] for row in rows]
        if column in table.categories:
            known = [values[k] for k in training if values[k]]
            kinds = sorted(set(known))
            if not kinds:
                raise ValueError(f"{table.file}, {column}: got no value in the training part")
            frequent = max(kinds, key=known.count)
            for kind in kinds:
                shown = kind.lower() if kind.isupper() else kind
                columns.append(np.array([(value or frequent) == kind for value in values], float))
                names.append(f"{display_name(column, table)}: {shown}")
        else:
            numeric = numbers(values, table.file, column)
            known_numbers = numeric[training][~np.isnan(numeric[training])]
            if not len(known_numbers):
                raise ValueError(f"{table.file}, {column}: got no value in the training part")
            columns.append(np.where(np.isnan(numeric), np.median(known_numbers), numeric))
            names.append(display_name(column, table))
    return np.stack(columns, axis=1), tuple(names)


def display_name(column: str, table: Table) -> str:
    """A column's or class's name as people write it: bill_length_mm → bill length (mm)."""
    for name, shown in table.names:
        if column == name:
            return shown
    for ending, unit in table.units:
        if column.endswith(ending):
            return f"{column.removesuffix(ending).replace('_', ' ')} ({unit})"
    return column.replace("_", " ")
