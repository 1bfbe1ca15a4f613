"""A reader who comes in between.

misconception: M4
feedback: This would be right if readers kept readers out, as owners of a mutex do. `count_cpus` comes in, leaves,
  and nobody has waited for it.
"""

the_fifth = {"count_cpus"}
