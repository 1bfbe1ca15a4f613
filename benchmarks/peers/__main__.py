"""``python -m benchmarks.peers``: install the peers that are written in Python, each into an environment of its own."""

from __future__ import annotations

import subprocess
import sys
import venv

from benchmarks.peers import INSTALLED

PEERS = ("frontrun", "interleave-test", "harmony")


def main() -> int:
    """Install each; the first that fails gives the exit code."""
    if not hasattr(sys, "monitoring"):
        print("interleave-test needs Python 3.12 or newer: run this with one, python3.12 -m benchmarks.peers")
        return 2
    for name in PEERS:
        home = INSTALLED / name
        venv.create(home, with_pip=True)
        failed = subprocess.run([home / "bin" / "python", "-m", "pip", "install", "--quiet", name]).returncode
        if failed:
            return failed
    return 0


if __name__ == "__main__":
    sys.exit(main())
