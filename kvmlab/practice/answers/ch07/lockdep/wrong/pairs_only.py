"""Looks for two locks in opposite order.

misconception: M3
feedback: Two locks in two orders are the shortest circle of dependencies, and it would be enough if there were no
  longer one. Follow the dependencies from lock to lock: a ring of three is a circle, too.
"""


def first_report(history):
    held = {}  # by task
    after = {}  # by lock: what was asked for under it

    def leads(start, goal):
        return start == goal or goal in after.get(start, ())

    for number, (task, does, lock) in enumerate(history, 1):
        mine = held.setdefault(task, [])
        if does in ("lock", "synchronize"):
            for outer in mine:
                if leads(lock, outer):
                    return number
                after.setdefault(outer, set()).add(lock)
        if does in ("lock", "trylock", "read"):
            mine.append(lock)
        if does in ("unlock", "read_unlock"):
            mine.remove(lock)
    return None
