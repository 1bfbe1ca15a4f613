"""One writer, as with the mutex.

misconception: M4
feedback: One writer was enough in the chapter, where the other lock was a mutex. Here the other lock is read, too:
  whoever asks for it gets in, leaves both, and the writer goes on.
"""

writers = "b"
writers_because = "3"
