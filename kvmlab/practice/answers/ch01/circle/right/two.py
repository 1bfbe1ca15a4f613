"""The two that wait for each other."""

on_the_circle = {"writes", "signs"}
