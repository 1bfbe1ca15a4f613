"""Peers that are written in Python: each in an environment of its own, made when it is first needed.

They live in the user's cache, not in the project: in ``kvmlab/peers`` under ``$XDG_CACHE_HOME`` or ``~/.cache``.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

BUDGET = 300.0
"""How many seconds one installation may take."""

NEEDS = {"interleave-test": (3, 12)}
"""The oldest Python for a peer, where ours may be too old."""


def cache() -> Path:
    """Where the environments are."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "kvmlab" / "peers"


@functools.cache
def installed(package: str) -> tuple[Path | None, str]:
    """The Python that has `package`, installed now if need be; or None, and a sentence that says why not."""
    home = cache() / package
    python = home / "bin" / "python"
    if _has(python, package):
        return python, ""
    base = a_python(NEEDS.get(package, (3, 11)))
    if base is None:
        oldest = ".".join(map(str, NEEDS[package]))
        return None, f"not installed: {package} needs Python {oldest} or newer, and none was found"
    shutil.rmtree(home, ignore_errors=True)
    commands = ([base, "-m", "venv", home], [python, "-m", "pip", "install", "--quiet", package])
    for arguments in commands:
        try:
            done = subprocess.run([str(one) for one in arguments], capture_output=True, text=True, timeout=BUDGET)
        except (OSError, subprocess.TimeoutExpired) as error:
            return None, f"not installed: {type(error).__name__} while {package} was installed"
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if line.strip()]
            return None, f"not installed: pip said {said[-1].strip() if said else 'nothing'}"
    return python, ""


def _has(python: Path, package: str) -> bool:
    code = f"from importlib.metadata import version; version({package!r})"
    return python.exists() and subprocess.run([python, "-c", code], capture_output=True).returncode == 0


def a_python(oldest: tuple[int, int]) -> Path | None:
    """A Python at least as new as `oldest`: this one, or the oldest such one on the path or in pyenv."""
    if sys.version_info[:2] >= oldest:
        return Path(sys.executable)
    found: list[tuple[tuple[int, int], Path]] = []
    for minor in range(oldest[1], 14):
        on_path = shutil.which(f"python3.{minor}")
        if on_path:
            found.append(((3, minor), Path(on_path)))
    for python in Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob("versions/*/bin/python"):
        version = re.match(r"(\d+)\.(\d+)\.\d+$", python.parents[1].name)
        if version and oldest <= (int(version[1]), int(version[2])) < (3, 14):
            found.append(((int(version[1]), int(version[2])), python))
    works = (python for _, python in sorted(found) if _runs(python))
    return next(works, None)


def _runs(python: Path) -> bool:
    """Whether it does; a shim of pyenv may stand for a version that is not active."""
    return subprocess.run([python, "-c", "import venv, sys; sys.exit(0)"], capture_output=True).returncode == 0
