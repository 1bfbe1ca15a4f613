"""Reported, and cannot hang."""

verdict = "b"
because = "3"
