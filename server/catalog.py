"""What the page's menus offer: the engine's registries as plain values."""

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from engine.activations import activations
from engine.datasets import datasets
from engine.datasets.features import FEATURES
from engine.initializers import initializers
from engine.labels import RULES, TERMS
from engine.losses import losses
from engine.optimizers import optimizers
from engine.recipe import Recipe
from server.glossary import explanations
from server.protocol.fields import BOUNDS


def catalog() -> dict[str, Any]:
    """All menus' entries, and the bounds of all numbers."""
    return {
        "activations": [_kind(kind) for kind in activations.values()],
        "losses": [
            _kind(kind)
            | {
                "slope": kind.slope,
                "outputs": ["linear"] if kind.from_logits else list(activations),
            }
            for kind in losses.values()
        ],
        "initializers": [_kind(kind) for kind in initializers.values()],
        "optimizers": [
            _kind(kind)
            | {
                "against": kind.against,
                "options": {
                    name: {
                        "default": option.default,
                        "low": option.low,
                        "high": option.high,
                        "title": option.title,
                    }
                    for name, option in kind.options.items()
                },
            }
            for kind in optimizers.values()
        ],
        "datasets": [
            {
                "name": info.name,
                "title": info.title,
                "kind": info.kind,
                "task": info.task,
                "options": list(info.options),
                "classes": info.classes,
                "source": info.source,
                "licence": info.licence,
                "note": info.note,
            }
            for info in datasets.values()
        ],
        "features": [{"name": name, "title": title} for name, (title, _) in FEATURES.items()],
        "bounds": {name: list(bounds) for name, bounds in BOUNDS.items()},
    }


def _kind(kind: Any) -> dict[str, str]:
    return {name: getattr(kind, name) for name in ("name", "title", "formula", "note")}


def page_context(start: Mapping[str, Any]) -> dict[str, Any]:
    """What `templates/index.html` reads; `start` is the recipe that the page opens with."""
    return {
        "activations": list(activations.values()),
        "losses": list(losses.values()),
        "initializers": list(initializers.values()),
        "optimizers": list(optimizers.values()),
        "datasets": list(datasets.values()),
        "features": [{"name": name, "title": title} for name, (title, _) in FEATURES.items()],
        "label_terms": TERMS,
        "label_rules": RULES,
        "start": start,
        "start_json": in_script(start),
        "defaults_json": in_script(Recipe().as_dict()),
        "catalog_json": in_script(catalog()),
        "glossary_json": in_script(explanations()),
    }


def in_script(value: Any) -> Markup:
    """JSON that can stand inside a script element: nothing in it ends the element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))
