"""The grace period begins before the vCPU comes.

misconception: M9
feedback: This would do if a grace period waited for every reader. It waits for those who were inside when it began.
"""

stepper = "1-1-2-2-2-4-5-5-3"
