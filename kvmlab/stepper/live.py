"""The stepper's live form: the same script, and a model that Python and the reader share."""

from __future__ import annotations

import anywidget
import traitlets

from kvmlab.stepper.page import module


class StepperWidget(anywidget.AnyWidget):
    """What the front end shows.

    Attributes:
        data: the tables, as JSON.
        anchor: the element's id.
        schedule: the schedule so far, as a replay string; either side sets it.
        answer: the reader's answer to the question.
    """

    _esm = module()
    data = traitlets.Unicode().tag(sync=True)
    anchor = traitlets.Unicode().tag(sync=True)
    schedule = traitlets.Unicode().tag(sync=True)
    answer = traitlets.Unicode(None, allow_none=True).tag(sync=True)
