"""All three that wait.

misconception: M3
feedback: All three wait, and one of them only stands behind the circle: nobody waits for what it holds. Take it away,
  and the two others are stuck all the same.
"""

on_the_circle = {"writes", "stamps", "signs"}
