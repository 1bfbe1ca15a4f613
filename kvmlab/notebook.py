"""The notebook that this runs in, if there is one."""

from __future__ import annotations

import sys
from typing import Any


def shell() -> Any:
    """IPython's shell; None outside of a notebook. IPython is not loaded to find that out."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None
