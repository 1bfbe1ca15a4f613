"""Set-up of every test run: fixed Hypothesis profiles, and how nbval compares a notebook's outputs."""

from __future__ import annotations

import fcntl
import os
import tempfile
from typing import Any

from hypothesis import settings

# Only text is committed, so only text is compared. A drawing differs between versions of Graphviz; its text does not.
NOT_COMPARED = ("text/html", "image/svg+xml", "image/png", "application/javascript")

STARTING = os.path.join(tempfile.gettempdir(), f"kvmlab-kernel-starts-{os.getuid()}")
"""A file that whoever starts a kernel has locked."""

settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_configure() -> None:
    """Have kernels start one at a time: two that start together may both be given a port that only one can have."""
    try:
        from nbval import kernel
    except ImportError:  # the tests of the package do without notebooks
        return
    start = kernel.start_new_kernel

    def one_at_a_time(*args: Any, **options: Any) -> Any:
        with open(STARTING, "w", encoding="utf-8") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            return start(*args, **options)

    kernel.start_new_kernel = one_at_a_time


def pytest_collectstart(collector: Any) -> None:
    """Have nbval skip the rich forms of an output."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += NOT_COMPARED
