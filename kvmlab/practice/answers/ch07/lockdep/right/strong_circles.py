"""With E, S, N and R, as the kernel has them."""


class Lockdep:
    def __init__(self):
        self.held = {}
        self.arrows = {}  # lock -> {(begins with S, lock, ends in R)}

    def asks(self, task, lock, reads):
        for outer, shared in self.held.get(task, []):
            if lock == outer and not (reads and shared):
                return True
            if self.closes(lock, reads, outer, shared):
                return True
        for outer, shared in self.held.get(task, []):
            self.arrows.setdefault(outer, set()).add((shared, lock, reads))
        return False

    def closes(self, lock, reads, goal, goal_shared):
        todo, seen = [(lock, reads)], set()
        while todo:
            at, weak = todo.pop()
            if at == goal and not (weak and goal_shared):
                return True
            if (at, weak) in seen:
                continue
            seen.add((at, weak))
            for shared, to, recursive in self.arrows.get(at, ()):
                if not (weak and shared):
                    todo.append((to, recursive))
        return False


def first_report(history):
    lockdep = Lockdep()
    for number, (task, does, lock) in enumerate(history, 1):
        held = lockdep.held.setdefault(task, [])
        if does in ("lock", "read", "synchronize"):
            if lockdep.asks(task, lock, does == "read"):
                return number
        if does in ("lock", "trylock", "read"):
            held.append((lock, does == "read"))
        elif does != "synchronize":
            held.remove((lock, does == "read_unlock"))
    return None
