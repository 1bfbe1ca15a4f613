"""When the section that was open has ended."""

returns_after = "b"
because = "2"
