"""The vCPU waits outside.

misconception: M4
feedback: It cannot, but the vCPU does not wait. Readers come into `srcu` at any time, also during a grace period;
  it just does not wait for them.
"""

still = "c"
still_because = "4"
