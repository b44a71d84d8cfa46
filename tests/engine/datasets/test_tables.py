"""What a table promises: gaps, statistics and categories decided by the training part alone."""

import csv
import statistics
from importlib.resources import files

import numpy as np
import pytest

import engine.datasets
from engine.datasets import load, standardising, tables


def classes(name: str) -> list[int]:
    data = load(name, seed=0)
    counts: list[int] = np.bincount(np.concatenate([data.y_train, data.y_test])).tolist()
    return counts


def test_the_penguins_and_digits_are_the_known_ones():
    assert classes("penguins") == [152, 68, 124]
    assert classes("digits") == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    data = load("digits", seed=0)
    assert data.image_shape == (8, 8)
    assert (data.x_train.min(), data.x_train.max()) == (0, 16)  # pixels as they came
    assert len(np.unique(data.input_scale)) == len(np.unique(data.input_mean)) == 1


def test_names_of_columns_are_the_ones_people_write():
    assert load("mpg", seed=0).column_names == (
        *("cylinders", "displacement", "horsepower", "weight", "acceleration", "model year"),
        *("origin: europe", "origin: japan", "origin: usa"),
    )
    penguins = load("penguins", seed=0).column_names
    assert {"island: Biscoe", "flipper length (mm)", "sex: female"} <= set(penguins)


def test_names_are_those_of_the_source_where_the_file_has_others():
    wine, iris = load("wine", seed=0), load("iris", seed=0)
    assert wine.class_names == ("cultivar 1", "cultivar 2", "cultivar 3")
    assert np.bincount(np.concatenate([wine.y_train, wine.y_test])).tolist() == [59, 71, 48]
    assert "OD280/OD315 of diluted wines" in wine.column_names
    assert iris.column_names[0] == "sepal length (cm)"
    for name in tables.TABLES:
        data = load(name, seed=0)
        assert not any("_" in shown for shown in (*data.column_names, *data.class_names))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("name", "file"), [("mpg", "mpg.csv"), ("penguins", "penguins.csv")])
def test_what_fills_the_gaps_comes_from_the_training_part_of_the_shipped_tables(name, file, seed):
    """Worked out here once more, from the file itself."""
    text = (files("engine.datasets") / "files" / file).read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    data = load(name, seed=seed, test_share=0.6)
    assert data.rows is not None
    training, test = data.rows
    assert sorted([*training, *test]) == list(range(len(rows)))
    filled = 0
    for x, part in ((data.x_train, training), (data.x_test, test)):
        for example, index in zip(x, part, strict=True):
            for column, value in rows[index].items():
                if value or column in ("species", "mpg", "name"):
                    continue
                filled += 1
                known = [rows[k][column] for k in training if rows[k][column]]
                if column == "sex":
                    names = [f"sex: {kind}" for kind in ("female", "male")]
                    most = statistics.mode(sorted(known)).lower()
                    expected = [float(name == f"sex: {most}") for name in names]
                else:
                    names = [tables.display_name(column, tables.TABLES[name])]
                    expected = [statistics.median(map(float, known))]
                found = [example[data.column_names.index(name)] for name in names]
                assert found == expected
    assert filled == sum(not v for row in rows for k, v in row.items()) > 5


@pytest.mark.parametrize("name", tables.TABLES)
def test_nothing_in_the_test_part_reaches_what_training_sees(name, monkeypatch):
    table, rows = tables.TABLES[name], tables.read(name)
    parts: list[tuple[np.ndarray, np.ndarray]] = []
    split = engine.datasets.split

    def watched(*arguments, **options):
        parts.append(split(*arguments, **options))
        return parts[-1]

    monkeypatch.setattr(engine.datasets, "split", watched)
    before = load(name, seed=0)
    _, test = parts[0]
    changed = [dict(row) for row in rows]
    for k in test:
        for column in changed[k].keys() - {table.target, *table.ignored}:
            changed[k][column] = "elsewhere" if column in table.categories else "1e6"
        if not table.classes:
            changed[k][table.target] = "1e6"
    monkeypatch.setattr(tables, "read", lambda name: changed)
    after = load(name, seed=0)
    np.testing.assert_array_equal(parts[0][1], parts[1][1])
    for field in ("x_train", "y_train", "input_mean", "input_scale", "column_names"):
        np.testing.assert_array_equal(getattr(before, field), getattr(after, field))
    assert (before.target_mean, before.target_scale) == (after.target_mean, after.target_scale)
    assert not np.array_equal(before.x_test, after.x_test)


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e9, 1.1e-7])
def test_a_constant_column_is_left_at_its_scale(constant):
    mean, scale = standardising(np.array([[constant, 1.0], [constant, 3.0], [constant, 2.0]]))
    assert scale[0] == 1
    assert mean[0] == pytest.approx(constant)
    assert scale[1] == pytest.approx(np.sqrt(2 / 3))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('a,y\n1,p\n2,"q\n', r"made\.csv, line 3: not well-formed CSV: unexpected end of data"),
        ("a,y\n1,p\n\n2,q\n", r"made\.csv, line 3: got 0 values, expected 2"),
        ("a,b\n1,p\n", r"made\.csv, line 1: got a, b, expected a column y"),
        ("a,y\n1,p\nnan,q\n", r"made\.csv, line 3, a: got 'nan', expected a finite number"),
        ("a,y\n,p\n,q\n", r"made\.csv, a: got no value in the training part"),
    ],
)
def test_a_bad_table_says_where(text, message):
    def read() -> None:
        table = tables.Table("made.csv", "y", True)
        rows = tables.read_csv(text, "made.csv")
        tables.targets(rows, table)
        tables.inputs(rows, table, np.arange(len(rows)))

    with pytest.raises(ValueError, match=message):
        read()
