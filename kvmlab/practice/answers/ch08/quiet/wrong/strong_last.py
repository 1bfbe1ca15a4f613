"""The strong way is the last one.

feedback: When the last arrow is one of the strong way, the search begins behind the place where the two ways part. It
  never meets the weak one. Let the circle be closed elsewhere.
"""

order = ["looks_at_tea", "looks_for_milk", "warms", "brews", "pours", "whitens"]
