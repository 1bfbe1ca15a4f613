"""The one that breaks the order comes last.

misconception: M6
feedback: Here the report names the one who breaks the documented order. It would always be so if lockdep knew the
  document. It knows what it has seen, and reports whoever comes last.
"""

order = ["packs", "labels", "stores", "weighs", "returns"]
