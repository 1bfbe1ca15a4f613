"""The report is for labels.

misconception: M6
feedback: `labels` keeps to the documented order as well, and here it is the one to make the last dependency. Move it,
  and look who is the last of the three.
"""

order = ["packs", "returns", "stores", "labels", "weighs"]
