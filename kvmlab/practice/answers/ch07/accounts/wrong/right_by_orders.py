"""Right, for two orders.

feedback: If both orders occurred it could hang as well. The function takes the smaller number first, always.
"""

verdict = "b"
because = "2"
