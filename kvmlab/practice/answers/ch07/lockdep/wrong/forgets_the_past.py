"""Forgets a dependency when the lock is given back.

misconception: M2
feedback: A deadlock needs both at the same time, and so you forget what is over. Lockdep wants to know what could be
  at the same time tomorrow: what has happened once may happen again. Dependencies are never forgotten.
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
        if does in ("lock", "trylock", "read"):
            mine.append(lock)
        if does in ("unlock", "read_unlock"):
            mine.remove(lock)
            after.pop(lock, None)
    return None
