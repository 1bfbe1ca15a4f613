"""When all readers are out.

misconception: M9
feedback: To wait for everybody inside is right for a single counter. Then `B`, and whoever comes after `B`, could
  keep the grace period going for ever. With two sides those who come later count on the other side.
"""

returns_after = "c"
because = "1"
