"""A try is a lock.

misconception: M7
feedback: A try does not wait: if the lock is taken, it goes on without. So no dependency leads to a lock that was got
  by a try.
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
        if does in ("lock", "trylock", "synchronize"):
            for outer in mine:
                if leads(lock, outer):
                    return number
                after.setdefault(outer, set()).add(lock)
        if does in ("lock", "trylock", "read"):
            mine.append(lock)
        if does in ("unlock", "read_unlock"):
            mine.remove(lock)
    return None
