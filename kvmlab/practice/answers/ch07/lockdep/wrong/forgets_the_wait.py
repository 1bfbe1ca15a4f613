"""Synchronize is not heard.

misconception: M9
feedback: A circle through SRCU has two halves: somebody asks for a lock inside a section, and somebody waits for the
  sections to end. One half is missing in yours. A reader waits for nobody to enter, and is held all the same.
  `synchronize` holds nothing afterwards, and asks all the same.
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
        if does == "lock":
            for outer in mine:
                if leads(lock, outer):
                    return number
                after.setdefault(outer, set()).add(lock)
        if does in ("lock", "trylock", "read"):
            mine.append(lock)
        if does in ("unlock", "read_unlock"):
            mine.remove(lock)
    return None
