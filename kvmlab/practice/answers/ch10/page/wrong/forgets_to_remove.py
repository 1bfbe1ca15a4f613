"""Leaves it to somebody else.

misconception: M2
feedback: It never hangs, and it does nothing: alone, a vCPU goes on with the page there. A proof that nobody waits
  is no proof that the work was done.
"""


def inhibit(w):
    with w.srcu.read():
        if not w.page.load():
            w.emulate()
