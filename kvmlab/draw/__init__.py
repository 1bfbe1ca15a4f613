"""Pictures of locks, tasks and schedules, each of them also a text.

Everything here is given what `explore`, `run`, `replay`, `lockdep` or `state_graph` returned, or a scenario, and gives
a `Picture`: a notebook shows it, ``print`` prints its text, ``.svg`` is the drawing alone.
"""

from kvmlab.draw.dependencies import lockdep
from kvmlab.draw.layout import NoGraphviz
from kvmlab.draw.lock_graph import lock_order
from kvmlab.draw.picture import Picture
from kvmlab.draw.schedule_chart import chart
from kvmlab.draw.state_map import states
from kvmlab.draw.wait_for import waits

__all__ = ["NoGraphviz", "Picture", "chart", "lock_order", "lockdep", "states", "waits"]
