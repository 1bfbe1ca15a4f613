"""Work is not a lock.

misconception: M9
feedback: Waiting for work is waiting. The place is what `close` holds, and the one it waits for needs it.
"""

queues = "1"
queues_because = "d"
