"""How a tensor of a frame is declared."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class TensorInfo:
    """A tensor that frames carry."""

    name: str
    dtype: Literal["F32", "F64", "U8", "I32"]
    shape: str
    note: str
    where: str = "always"
