"""The kernel's primitives, under the kernel's names, one short file each.

Each is atomic at the grain of the kernel's operation and keeps the kernel's semantics; each file says what it leaves
out.
"""

from kvmlab.primitives.completion import Completion
from kvmlab.primitives.mutex import Mutex
from kvmlab.primitives.percpu_rwsem import PercpuRwsem, ReaderPreferringRwsem
from kvmlab.primitives.refcount import Refcount
from kvmlab.primitives.shared import Shared
from kvmlab.primitives.spinlock import SpinLock
from kvmlab.primitives.srcu import SRCU

__all__ = [
    "SRCU",
    "Completion",
    "Mutex",
    "PercpuRwsem",
    "ReaderPreferringRwsem",
    "Refcount",
    "Shared",
    "SpinLock",
]
