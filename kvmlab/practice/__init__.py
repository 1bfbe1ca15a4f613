"""What the chapters ask of a reader: predictions to make and variants to pick.

Each component is a widget in a live notebook, plain HTML on the page (no kernel, no script), and a stable text. The
notebooks import from here; nothing else in kvmlab does.
"""

from kvmlab.practice.pick import Pick
from kvmlab.practice.predict import Predict

__all__ = ["Pick", "Predict"]
