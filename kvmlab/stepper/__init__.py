"""The stepper: the reader is the scheduler, on the page, in the live notebook and without JavaScript."""

from kvmlab.stepper.stepper import Stepper, step
from kvmlab.stepper.walk import State

__all__ = ["State", "Stepper", "step"]
