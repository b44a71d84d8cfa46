"""Checks of plain values, with errors that name the field, what came and what is allowed."""

import math
from contextlib import suppress
from numbers import Integral
from typing import Any

import numpy as np

from engine.operations import Array


def number(name: str, value: object, low: float, high: float = math.inf) -> float:
    """A finite number, low ≤ value ≤ high; ValueError naming the field otherwise."""
    kinds = int | float | np.integer | np.floating
    if isinstance(value, kinds) and not isinstance(value, bool) and low <= value <= high:
        try:
            finite = float(value)
        except OverflowError:  # a whole number beyond what a float can hold
            finite = math.inf
        if math.isfinite(finite):
            return finite
    bound = f"{low:g}…{high:g}" if high < math.inf else f"{low:g} or more"
    raise ValueError(f"{name}: got {value!r}, expected a number, {bound}")


def whole(name: str, value: object, low: int, high: int | None = None) -> int:
    """A whole number, low ≤ value ≤ high; ValueError naming the field otherwise."""
    good = isinstance(value, Integral) and not isinstance(value, bool)
    number = int(value) if good else low - 1  # type: ignore[call-overload]
    if number < low or (high is not None and number > high):
        bound = f"{low}…{high}" if high is not None else f"{low} or more"
        raise ValueError(f"{name}: got {value!r}, expected a whole number, {bound}")
    return number


def flag(name: str, value: object) -> bool:
    """True or False; ValueError naming the field otherwise."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name}: got {value!r}, expected True or False")
    return bool(value)


def numbers(name: str, values: object, dtype: np.dtype | type) -> Array:
    """An array of numbers as `dtype`; ValueError naming the field otherwise."""
    try:
        array = np.asarray(values)
        if array.dtype.kind in "biuf":
            return array.astype(dtype, copy=False)
    except ValueError:  # rows of different lengths
        raise ValueError(f"{name}: got rows of different lengths, expected an array") from None
    raise ValueError(f"{name}: got {array.dtype} values, expected numbers")


def precision(name: str, dtype: object) -> np.dtype[Any]:
    """Single or double; ValueError naming the field otherwise."""
    with suppress(TypeError):
        found: np.dtype[Any] = np.dtype(dtype)  # type: ignore[call-overload]
        if found in (np.float32, np.float64):
            return found
        dtype = found.name
    raise ValueError(f"{name}: got {dtype}, expected float32 or float64")
