"""Only the innermost lock that is held.

misconception: M8
feedback: So does the kernel: it stops at the innermost lock that was waited for, since what is further out has a
  dependency to that one already. With locks only that is enough. With an SRCU reader in the middle it is not, since
  nobody waits to enter; chapter 8 is about that. Here draw one from every lock that is held.
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
            for outer in mine[-1:]:
                if leads(lock, outer):
                    return number
                after.setdefault(outer, set()).add(lock)
        if does in ("lock", "trylock", "read"):
            mine.append(lock)
        if does in ("unlock", "read_unlock"):
            mine.remove(lock)
    return None
