"""A deadlock in every schedule."""

happens = "d"
happens_because = "2"
