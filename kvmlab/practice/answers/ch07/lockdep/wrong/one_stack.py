"""One list of held locks for all tasks.

feedback: What x holds is nothing to y. With a single task one list would do; here each task needs its own.
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

    for number, (_, does, lock) in enumerate(history, 1):
        mine = held.setdefault("all", [])
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
