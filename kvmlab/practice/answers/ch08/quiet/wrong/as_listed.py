"""The circle first.

misconception: M8
feedback: The four mutexes make the circle by themselves, and lockdep sees it as soon as they are through. The two
  readers can only get in its way if they come before.
"""

order = ["pours", "whitens", "warms", "brews", "looks_at_tea", "looks_for_milk"]
