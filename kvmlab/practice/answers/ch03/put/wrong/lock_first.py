"""Takes the lock before it looks at the count.

misconception: M1
feedback: This closes the window, and it would be right if you let go of the lock in every case. The line with
  `return` leaves while you hold it. And a count needs no lock.
"""

order = ["b", "e", "d", "f", "g", "a", "c"]
