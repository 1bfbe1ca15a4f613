"""Three, for the neighbours.

misconception: M3
feedback: Three it is, but that reason asks for two only: `close` and `write` could share. What goes wrong then?
"""

queues = "3"
queues_because = "a"
