"""One for each kind."""

queues = "3"
queues_because = "b"
