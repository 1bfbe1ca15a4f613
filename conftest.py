"""Set-up of every test run: fixed Hypothesis profiles, and how nbval compares a notebook's outputs."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import settings

# Only text is committed, so only text is compared. A drawing differs between versions of Graphviz; its text does not.
NOT_COMPARED = ("text/html", "image/svg+xml", "image/png", "application/javascript")

settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_collectstart(collector: Any) -> None:
    """Have nbval skip the rich forms of an output."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += NOT_COMPARED
