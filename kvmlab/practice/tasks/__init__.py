"""The tasks of the exercises, a module a chapter: ``ch09.TASKS``."""
