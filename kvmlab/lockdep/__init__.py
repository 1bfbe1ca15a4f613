"""Lockdep, rebuilt: a validator that finds deadlocks that did not happen, in the design of Linux's own.

`lockdep` runs the tasks of a scenario one after another and tells a Validator of every acquisition and release; the
rules are those of a real kernel, blind spots included, or the complete ones. A primitive of your own speaks for itself
through a `LockdepMap`. Lock scenarios in JSON are read by `read` or `parse` and judged by `run`.
"""

from kvmlab.lockdep.annotate import LockdepMap, might_lock, nest_lock, nested
from kvmlab.lockdep.classes import Lock, LockClass
from kvmlab.lockdep.dependency import Dependency
from kvmlab.lockdep.graph import Edge, Graph, Witness
from kvmlab.lockdep.held import HeldLock
from kvmlab.lockdep.history import History, Orders
from kvmlab.lockdep.kinds import KINDS, Kind, Strength, WaitType
from kvmlab.lockdep.report import ChainLink, Mention, Report, ScenarioLine
from kvmlab.lockdep.rules import COMPLETE, LINUX_6_1, LINUX_6_12, RULES, Rules
from kvmlab.lockdep.run import Outcome, run
from kvmlab.lockdep.scenarios import Event, FormError, LockScenario, Step, parse, read
from kvmlab.lockdep.validator import Validator
from kvmlab.lockdep.watch import lockdep

__all__ = [
    "COMPLETE",
    "KINDS",
    "LINUX_6_1",
    "LINUX_6_12",
    "RULES",
    "ChainLink",
    "Dependency",
    "Edge",
    "Event",
    "FormError",
    "Graph",
    "HeldLock",
    "History",
    "Kind",
    "Lock",
    "LockClass",
    "LockScenario",
    "LockdepMap",
    "Mention",
    "Orders",
    "Outcome",
    "Report",
    "Rules",
    "ScenarioLine",
    "Step",
    "Strength",
    "Validator",
    "WaitType",
    "Witness",
    "lockdep",
    "might_lock",
    "nest_lock",
    "nested",
    "parse",
    "read",
    "run",
]
