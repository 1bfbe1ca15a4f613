"""Reports when somebody really waits in a circle.

misconception: M2
feedback: You look for tasks that wait for each other now. That finds a deadlock when it has happened. Lockdep finds
  the order of locks that makes it possible, also if the tasks never meet.
"""


def first_report(history):
    owner = {}
    waits = {}
    for number, (task, does, lock) in enumerate(history, 1):
        if does == "lock" and lock in owner:
            waits[task] = lock
            at, seen = task, set()
            while at in waits and at not in seen:
                seen.add(at)
                at = owner.get(waits[at])
            if at == task:
                return number
        if does in ("lock", "trylock"):
            owner.setdefault(lock, task)
        if does == "unlock":
            owner.pop(lock, None)
            waits.pop(task, None)
    return None
