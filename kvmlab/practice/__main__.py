"""``python -m kvmlab.practice [CHAPTER…]``: judge the library's wrong answers and write down their shapes."""

import sys

from kvmlab.practice.library import write
from kvmlab.practice.task import tasks

chapters = sys.argv[1:] or sorted({one.chapter for one in tasks()})
for chapter in chapters:
    print(f"written: {write(chapter).name} of chapter {int(chapter)}")
