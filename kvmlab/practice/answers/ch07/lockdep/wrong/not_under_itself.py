"""A lock under itself is all right.

feedback: With an `RLock` it would be. A mutex under itself waits for its own task; and two locks of one name are one
  to lockdep. It is the shortest circle.
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
                if lock != outer and leads(lock, outer):
                    return number
                if lock != outer:
                    after.setdefault(outer, set()).add(lock)
        if does in ("lock", "trylock", "read"):
            mine.append(lock)
        if does in ("unlock", "read_unlock"):
            mine.remove(lock)
    return None
