"""New readers queue.

misconception: M4
feedback: That is the semaphore of chapter 2: there a reader queues behind a writer who waits, also one that is inside
  already. SRCU has no flag that stops readers; `A` is in at once.
"""

returns_after = "d"
because = "4"
