"""The two that wait for the paper.

misconception: M3
feedback: These two wait for the same thing. A circle is made of tasks of whom each waits for the next one.
"""

on_the_circle = {"stamps", "writes"}
