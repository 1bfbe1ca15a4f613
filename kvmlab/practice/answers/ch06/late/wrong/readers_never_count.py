"""Nobody ever waits for a reader.

misconception: M4
feedback: It cannot, and this is not why. Readers of `srcu` never wait, but somebody waits for them: `set_memory`
  would, had the vCPU been there before. In the chapter it was, and all five hang.
"""

still = "c"
still_because = "1"
