"""The strong way leaves first.

misconception: M2
feedback: All arrows are there, and the circle is closed last: nearly. Arrows that leave one lock are followed in the
  order in which they were made, and here the strong one leaves `tea` first.
"""

order = ["pours", "looks_at_tea", "looks_for_milk", "whitens", "warms", "brews"]
