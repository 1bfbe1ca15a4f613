"""Two of the three writers."""

the_fifth = {"cpu_offline", "cpu_online"}
