"""Checks of plain values, with errors that name the field, what came and what is allowed."""

import math
from numbers import Integral


def number(name: str, value: object, low: float, high: float = math.inf) -> float:
    """A finite number, low ≤ value ≤ high; ValueError naming the field otherwise."""
    if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
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
