"""Only the circle.

feedback: These four make the circle, and any order of them is reported at the fourth. Give all six.
"""

order = ["pours", "whitens", "warms", "brews"]
