"""Only those that matter.

feedback: You have seen which two must come first. Give all five names, so that there is one run in which all of them
  take part.
"""

order = ["labels", "returns"]
