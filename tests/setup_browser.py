"""Find a Chromium that really starts, or install one: `python tests/setup_browser.py`.

In turn: one on this machine, Playwright's own download, the system's package manager.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator

from playwright.sync_api import Browser, BrowserType, Error, sync_playwright

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
# Of two lists the browser follows the last: this is Playwright's own, and ahead of it the two
# pages that Chromium keeps ready behind its address bar, in each window, for nobody.
WITHOUT = [
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
]
ARGUMENTS = [
    "--no-sandbox",  # CI runs as root, where Chromium's sandbox refuses to start
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    f"--disable-features={','.join(WITHOUT)}",
]
DOWNLOAD_SECONDS = 300
MANAGERS = {
    "apt-get": [["apt-get", "update", "-qq"], ["apt-get", "install", "-qq", "-y", "chromium"]],
    "dnf": [["dnf", "install", "-y", "chromium"]],
    "apk": [["apk", "add", "chromium"]],
    "pacman": [["pacman", "-Sy", "--noconfirm", "chromium"]],
    "brew": [["brew", "install", "--cask", "chromium"]],
}


def launch(chromium: BrowserType, *more: str) -> Browser:
    """Start the first Chromium that works, headless. Raises RuntimeError when none does.

    `more` are further arguments of its command line.
    """
    tried = []
    for executable in _candidates(chromium):
        try:
            return chromium.launch(executable_path=executable, args=[*ARGUMENTS, *more])
        except Error as error:  # such as a stub that only advertises a package
            tried.append(f"{executable}: {error.message.splitlines()[0]}")
    raise RuntimeError("no Chromium starts on this machine; tried " + ("; ".join(tried) or "none"))


def _candidates(chromium: BrowserType) -> Iterator[str | None]:
    yield from filter(None, map(shutil.which, COMMANDS))
    yield from filter(os.path.exists, APPLICATIONS)
    yield None  # Playwright's own


def _download() -> None:
    print("no browser on this machine: downloading Playwright's", flush=True)
    _run([sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"])


def _package_manager() -> None:
    for name, commands in MANAGERS.items():
        if shutil.which(name):
            print(f"installing chromium with {name}", flush=True)
            as_root = not hasattr(os, "geteuid") or os.geteuid() == 0 or name == "brew"
            prefix = [] if as_root else ["sudo", "-n"]
            for command in commands:
                _run([*prefix, *command])
            return


def _run(command: list[str]) -> None:
    """Run a way of installing; whether it worked is seen by starting the browser."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command,
            env=environment,
            timeout=DOWNLOAD_SECONDS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"  {error}", flush=True)
        return
    if done.returncode:
        print(f"  {command[0]} failed: {done.stdout.strip()[-300:]}", flush=True)


def main() -> int:
    ways: list[Callable[[], None]] = [lambda: None, _download, _package_manager]
    reason = ""
    for way in ways:
        way()
        with sync_playwright() as playwright:
            try:
                with launch(playwright.chromium) as browser:
                    print(f"browser tests use Chromium {browser.version}")
                    return 0
            except RuntimeError as error:
                reason = str(error)
    print(f"{reason}\nInstall Chromium or Google Chrome by hand, then run this again.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
