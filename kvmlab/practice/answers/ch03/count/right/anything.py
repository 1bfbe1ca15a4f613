"""Up, down, and down to 0."""

second = "d"
second_because = "3"
