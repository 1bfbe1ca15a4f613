"""Renew constraints.txt: one lock for Python 3.11 to 3.13 on every platform, from all requirements files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = "# Every version the book is built and tested with: Python 3.11 to 3.13, every platform. Made by `make lock`.\n"
OPTIONS = "--quiet --universal --python-version 3.11 --upgrade --no-annotate --no-header --no-emit-index-url"


def main() -> int:
    """Write the lock; return the exit code."""
    pins = [
        line
        for name in ("requirements.txt", "requirements-test.txt")
        for line in (ROOT / name).read_text().splitlines()
        if line and not line.startswith(("-c", "-e"))
    ]
    install = [sys.executable, "-m", "pip", "install", "--quiet", "uv"]
    if code := subprocess.run(install, cwd=ROOT, check=False).returncode:
        return code
    done = subprocess.run(
        [sys.executable, "-m", "uv", "pip", "compile", *OPTIONS.split(), "pyproject.toml", "-"],
        cwd=ROOT,
        env={**os.environ, "UV_NO_PROGRESS": "1"},
        input="\n".join(pins),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        (ROOT / "constraints.txt").write_text(HEAD + done.stdout)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
