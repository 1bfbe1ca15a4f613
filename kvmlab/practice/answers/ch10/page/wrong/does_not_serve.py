"""Removes the page and does not serve the guest.

misconception: M2
feedback: The page goes, once, and nobody hangs. But the guest has asked for something, and still waits for it. A
  proof that nobody waits for a lock is no proof that the work was done.
"""


def inhibit(w):
    with w.slots_lock:
        if w.page.load():
            w.remove_page()
