"""Keeps for each lock all that can come after it."""


def first_report(history):
    locks = {lock for _, _, lock in history}
    comes_after = {lock: {lock} for lock in locks}  # the lock itself, too
    stacks = {}
    for at, (task, does, lock) in enumerate(history):
        stack = stacks.setdefault(task, [])
        if does.endswith("unlock"):
            stack.reverse()
            stack.remove(lock)
            stack.reverse()
            continue
        if does == "lock" or does == "synchronize":
            if not comes_after[lock].isdisjoint(stack):
                return at + 1
            for other in locks:
                if not comes_after[other].isdisjoint(stack):
                    comes_after[other] |= comes_after[lock]
        if does != "synchronize":
            stack.append(lock)
    return None
