"""In some schedules.

misconception: M2
feedback: It would be right if the thread could be quicker than the writer. It is woken by the writer, who has the
  lock then, and has it until the thread is done.
"""

happens = "c"
happens_because = "2"
