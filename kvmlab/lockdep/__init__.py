"""Lockdep, rebuilt: a validator that finds deadlocks that did not happen, in the design of Linux's own.

A Validator is told of acquisitions and releases; its rules are those of a real kernel, blind spots included, or the
complete ones. Lock scenarios in JSON are read by `read` or `parse` and judged by `run`.
"""

from kvmlab.lockdep.classes import Lock, LockClass
from kvmlab.lockdep.dependency import Dependency
from kvmlab.lockdep.graph import Edge, Graph, Witness
from kvmlab.lockdep.held import HeldLock
from kvmlab.lockdep.kinds import KINDS, Kind, Strength
from kvmlab.lockdep.report import ChainLink, Mention, Report, ScenarioLine
from kvmlab.lockdep.rules import COMPLETE, LINUX_6_1, LINUX_6_12, RULES, Rules
from kvmlab.lockdep.run import Outcome, run
from kvmlab.lockdep.scenarios import Event, FormError, LockScenario, Step, parse, read
from kvmlab.lockdep.validator import Validator

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
    "Kind",
    "Lock",
    "LockClass",
    "LockScenario",
    "Mention",
    "Outcome",
    "Report",
    "Rules",
    "ScenarioLine",
    "Step",
    "Strength",
    "Validator",
    "Witness",
    "parse",
    "read",
    "run",
]
