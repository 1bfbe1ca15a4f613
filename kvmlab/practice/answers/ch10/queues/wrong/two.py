"""Only neighbours must be apart.

misconception: M3
feedback: This would be right if a circle had two arrows at most. Put `close` and `write` into one queue: `close`
  has the place and waits for `flush`, `flush` waits for `write`, and `write` for the place.
"""

queues = "2"
queues_because = "a"
