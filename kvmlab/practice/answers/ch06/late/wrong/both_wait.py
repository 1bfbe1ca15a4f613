"""The vCPU and the grace period wait for each other.

misconception: M4
feedback: That would be so if `srcu` were a reader/writer lock, with a writer who keeps new readers out. Entering
  `srcu` never waits.
"""

still = "a"
still_because = "4"
