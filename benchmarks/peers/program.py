"""The program of `benchmarks.kvm5` for a peer that has `threading`, in the peer's own environment, without kvmlab."""

from __future__ import annotations

import importlib.util
import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any


def load() -> Any:
    """`benchmarks.kvm5`, where ``threading`` is the standard library's."""
    sys.modules["kvmlab"] = SimpleNamespace(threading=threading)  # type: ignore[assignment]
    path = Path(__file__).parents[1] / "kvm5.py"
    spec = importlib.util.spec_from_file_location("kvm5", path)
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules["kvm5"] = module
    spec.loader.exec_module(module)
    return module


def tasks(program: Any, fixed: bool) -> list[Callable[[Any], object]]:
    """The five, in the order in which all peers get them."""
    walk = program.nx_walk_by_the_rule if fixed else program.nx_walk
    return [program.vcpu_run, program.set_memory_region, walk, program.cpufreq_notifier, program.cpu_hotplug]


def report(verdict: str, runs: int, says: str = "") -> None:
    """Print what `benchmarks.peers` reads: the last line of the output."""
    print(json.dumps({"verdict": verdict, "size": f"{runs:,} runs", "says": says}))
