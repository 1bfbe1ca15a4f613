"""A try is not held.

misconception: M7
feedback: To try makes no dependency, that is right. But a lock that was got by a try is held like any other, and
  others wait for it.
"""


def first_report(history):
    held = {}  # by task
    after = {}  # by lock: what was asked for under it

    def leads(start, goal):
        ways, seen = [start], {start}
        for lock in ways:
            if lock == goal:
                return True
            further = after.get(lock, set()) - seen
            seen |= further
            ways += sorted(further)
        return False

    for number, (task, does, lock) in enumerate(history, 1):
        mine = held.setdefault(task, [])
        if does in ("lock", "synchronize"):
            for outer in mine:
                if leads(lock, outer):
                    return number
                after.setdefault(outer, set()).add(lock)
        if does in ("lock", "read"):
            mine.append(lock)
        if does in ("unlock", "read_unlock") and lock in mine:
            mine.remove(lock)
    return None
