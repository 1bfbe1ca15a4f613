"""What chapters and exercises ask of a reader, and how an answer is tried in every schedule.

`Predict` and `Pick` stand in the chapters. In the exercises `check` tries an answer, `hints` helps, and `progress` says
what is done. Each shows itself as a widget or HTML, and is a stable text. The notebooks import from here; nothing else
in kvmlab does.
"""

from kvmlab.practice.check import check
from kvmlab.practice.hints import hints
from kvmlab.practice.pick import Pick
from kvmlab.practice.predict import Predict
from kvmlab.practice.record import progress

__all__ = ["Pick", "Predict", "check", "hints", "progress"]
