from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.activations import activations
from engine.datasets import Data, datasets, load, split, tables
from engine.datasets.features import FEATURES, expand
from engine.datasets.targets import decide, encode, leaning, output_units, probabilities
from engine.losses import losses
from engine.operations import run

MADE = [name for name, info in datasets.items() if info.kind in ("plane", "curve")]
ROWS = {"penguins": 344, "iris": 150, "wine": 178, "breast_cancer": 569, "mpg": 398, "digits": 1797}


def everything(data: Data) -> np.ndarray:
    return np.concatenate([data.x_train, data.x_test])


@pytest.mark.parametrize("name", datasets)
def test_every_set_has_the_shapes_and_kinds_that_it_states(name):
    data, info = load(name, seed=1), datasets[name]
    assert data.x_train.shape[1] == data.x_test.shape[1] == len(data.column_names)
    assert len(data.x_train) == len(data.y_train) > len(data.x_test) == len(data.y_test) > 0
    assert np.isfinite(everything(data)).all()
    if info.task == "classification":
        assert data.y_train.dtype.kind == "i"
        assert set(data.y_train) == set(range(len(data.class_names)))
        assert info.classes in (len(data.class_names), None)
    else:
        assert data.class_names == ()
        assert data.y_train.dtype.kind == "f"
    assert info.source
    assert info.licence
    assert info.note.endswith(".")


@pytest.mark.parametrize("name", MADE)
def test_made_points_lie_in_the_plane_and_classes_are_equal_in_number(name):
    data = load(name, seed=2, samples=600, noise=0.0)
    assert np.abs(everything(data)).max() <= 6
    assert np.abs(everything(data)).max() > 3
    if data.class_names:
        counts = np.bincount(np.concatenate([data.y_train, data.y_test]))
        assert counts.max() - counts.min() <= 1
    else:
        assert 0.5 < np.abs(data.y_train).max() < 3


@pytest.mark.parametrize("name", MADE)
def test_noise_blurs(name):
    calm, loud = (load(name, seed=2, noise=noise) for noise in (0.0, 1.0))
    inputs_moved = np.abs(everything(calm) - everything(loud)).max()
    targets_moved = np.abs(calm.y_train - loud.y_train).max()
    assert max(inputs_moved, targets_moved) > 0.1


@pytest.mark.parametrize("name", datasets)
def test_the_seed_decides_and_the_split_has_its_own_stream(name):
    one, same, other = load(name, seed=3), load(name, seed=3), load(name, seed=4)
    np.testing.assert_array_equal(one.x_train, same.x_train)
    assert not np.array_equal(one.x_train, other.x_train)
    half = load(name, seed=3, test_share=0.5)
    if name in MADE:  # the same points, otherwise shared out

        def rows(data: Data) -> list[bytes]:
            return sorted(row.tobytes() for row in everything(data))

        assert rows(one) == rows(half)


@pytest.mark.parametrize("name", ROWS)
def test_tables_have_all_their_rows_and_known_classes(name):
    data = load(name, seed=0)
    assert len(everything(data)) == ROWS[name]
    counts = np.bincount(np.concatenate([data.y_train, data.y_test]).astype(int))
    known = {
        "penguins": ("Adelie", "Chinstrap", "Gentoo"),
        "iris": ("setosa", "versicolor", "virginica"),
        "breast_cancer": ("benign", "malignant"),
        "digits": tuple("0123456789"),
    }
    if name in known:
        assert data.class_names == known[name]
    expected = {"iris": [50, 50, 50], "wine": [59, 71, 48], "breast_cancer": [357, 212]}
    if name in expected:
        assert counts.tolist() == expected[name]


def test_categories_gaps_and_units_of_the_penguins():
    data = load("penguins", seed=0)
    assert "bill length (mm)" in data.column_names
    assert "body mass (g)" in data.column_names
    islands = [k for k, name in enumerate(data.column_names) if name.startswith("island: ")]
    assert len(islands) == 3
    np.testing.assert_array_equal(everything(data)[:, islands].sum(axis=1), 1)


@pytest.mark.parametrize("name", [*ROWS, "sine"])
def test_inputs_are_standardised_by_the_training_part_alone(name):
    data = load(name, seed=0)
    scaled = (data.x_train - data.input_mean) / data.input_scale
    if name == "digits":  # one mean and scale for all pixels
        assert abs(scaled.mean()) < 1e-9
        assert abs(scaled.std() - 1) < 1e-9
    else:
        np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-9)
        np.testing.assert_allclose(scaled.std(axis=0), 1, atol=1e-9)


def test_gaps_are_filled_from_the_training_part_alone():
    table = tables.Table("made.csv", "y", True, categories=("kind",))
    text = "size,kind,y\n1,a,p\n3,a,q\n5,b,p\n,,q\n1000,c,p\n1000,c,q\n"
    rows = tables.read_csv(text, "made.csv")
    x, names = tables.inputs(rows, table, np.array([0, 1, 2]))
    assert names == ("size", "kind: a", "kind: b")  # c is unknown to the training part
    np.testing.assert_array_equal(x[3], [3, 1, 0])
    np.testing.assert_array_equal(x[4], [1000, 0, 0])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "made.csv, line 1"),
        ("a,a\n1,2\n", "made.csv, line 1: .* different names"),
        ("a,y\n", "made.csv: got no rows"),
        ("a,y\n1,p\n2\n", "made.csv, line 3: got 1 values, expected 2"),
        ("a,y\n1,p\n2,q,r\n", "made.csv, line 3: got 3 values, expected 2"),
        ("a,y\n1,p\nx,q\n", "made.csv, line 3, a: got 'x', expected a finite number"),
        ("a,y\n1,p\ninf,q\n", "made.csv, line 3, a: got 'inf'"),
        ("a,y\n1,p\n2,\n", "made.csv, line 3, y: got no value"),
    ],
)
def test_a_bad_table_names_file_line_and_column(text, message):
    def read() -> None:
        table = tables.Table("made.csv", "y", True)
        rows = tables.read_csv(text, "made.csv")
        tables.targets(rows, table)
        tables.inputs(rows, table, np.arange(len(rows)))

    with pytest.raises(ValueError, match=message):
        read()


@given(st.lists(st.integers(0, 4), min_size=10, max_size=200), st.floats(0, 0.9))
@settings(max_examples=50, deadline=None)
def test_the_split_is_stratified_and_loses_nobody(labels, share):
    y = np.array(labels)
    training, test = split(y, share, np.random.default_rng(0), stratified=True)
    assert sorted([*training, *test]) == list(range(len(y)))
    for k in np.unique(y):
        total, tested = np.sum(y == k), np.sum(y[test] == k)
        assert abs(tested - share * total) <= 1
        assert tested < total


def test_features():
    points = np.array([[2.0, -3.0]])
    values = expand(points, list(FEATURES))[0]
    np.testing.assert_allclose(values, [2, -3, 4, 9, -6, np.sin(2), np.sin(-3)])
    with pytest.raises(ValueError, match=r"features: got \['x3'\]"):
        expand(points, ["x3"])
    with pytest.raises(ValueError, match=r"points: got shape \(1, 3\)"):
        expand(np.ones((1, 3)), ["x1"])


@pytest.mark.parametrize("output", ["tanh", "linear", "sigmoid", "relu", "softplus", "gelu"])
@pytest.mark.parametrize("loss", losses)
@pytest.mark.parametrize("name", ["moons", "rings", "digits", "breast_cancer"])
def test_a_perfect_prediction_is_decided_as_its_class(name, loss, output):
    data = load(name, seed=0)
    target = encode(data.y_train, data, loss, output)
    if loss == "cross_entropy":
        prediction = 9 * np.eye(len(data.class_names))[target]
    else:
        prediction = target.astype(float) if loss != "binary_cross_entropy" else 9 * (target - 0.5)
    assert prediction.shape[1] == output_units(data, loss)
    np.testing.assert_array_equal(decide(prediction, data, loss, output), data.y_train)
    p = probabilities(prediction, data, loss, output)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    np.testing.assert_array_equal(p.argmax(axis=1), data.y_train)
    assert losses[loss]().value(prediction, target) < 0.2


@pytest.mark.parametrize("output", activations)
@pytest.mark.parametrize("name", ["moons", "rings"])
def test_targets_are_from_0_on_where_the_output_has_no_negative_values(name, output):
    """Else they are TF Playground's, −1 and 1."""
    data = load(name, seed=0)
    z = np.linspace(-9, 9, 1001)
    a = np.empty_like(z)
    run(activations[output]().forward(z, a))
    target = encode(data.y_train, data, "half_squared_error", output)
    assert set(np.unique(target)) == ({-1.0, 1.0} if a.min() < 0 else {0.0, 1.0})
    even = np.array([target.mean() if len(data.class_names) == 2 else target.min()])
    assert leaning(even, "half_squared_error", output) == (0 if name == "moons" else -1)


def test_probabilities_of_logits_are_sigmoid_and_softmax():
    data = load("moons", seed=0)
    np.testing.assert_allclose(
        probabilities(np.array([[np.log(3)]]), data, "binary_cross_entropy", "linear"),
        [[0.25, 0.75]],
    )
    np.testing.assert_allclose(
        probabilities(np.log([[1.0, 3.0]]), data, "cross_entropy", "linear"), [[0.25, 0.75]]
    )


@pytest.mark.parametrize("name", ["mpg", "gaussian", "sine"])
def test_regression_targets_are_standardised_and_come_back_in_their_units(name):
    data = load(name, seed=0)
    target = encode(data.y_test, data, "huber", "linear")
    np.testing.assert_allclose(decide(target, data, "huber", "linear"), data.y_test)
    with pytest.raises(ValueError, match=r"loss: got 'cross_entropy', expected one for regression"):
        encode(data.y_test, data, "cross_entropy", "linear")
    with pytest.raises(ValueError, match="has no classes"):
        probabilities(target, data, "huber", "linear")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "mnist"}, "dataset: got 'mnist', expected one of moons"),
        ({"samples": 9}, "samples: got 9, expected a whole number, 10…5000"),
        ({"samples": 10.5}, "samples: got 10.5"),
        ({"noise": float("nan")}, "noise: got nan"),
        ({"noise": True}, "noise: got True"),
        ({"test_share": 0.95}, "test_share: got 0.95, expected a number, 0…0.9"),
        ({"arms": 6}, "arms: got 6"),
        ({"seed": -1}, "seed: got -1"),
    ],
)
def test_what_cannot_be_loaded_is_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        load(**{"name": "moons", "seed": 0, **arguments})


def test_the_licences_name_every_shipped_table():
    folder = files("engine.datasets") / "files"
    text = (folder / "LICENCES.md").read_text("utf-8")
    shipped = [f.name for f in folder.iterdir() if f.name != "LICENCES.md"]
    assert len(shipped) == len(ROWS)
    for name in shipped:
        assert f"`{name}`" in text
