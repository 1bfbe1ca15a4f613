"""Does not look again.

misconception: M10
feedback: This would be right if nobody came in between. You had nothing in your hands for a moment, and another
  vCPU has removed the page in it. So look again.
"""


def inhibit(w):
    with w.srcu.read():
        there = w.page.load()
    if there:
        with w.slots_lock:
            w.remove_page()
    with w.srcu.read():
        w.emulate()
