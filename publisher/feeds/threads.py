"""The threads that compress and write beside a run."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache

_THREADS = 4
"""More than most small machines have processors, for they also wait for the disk; more of them get into each
other's way there."""


@cache
def threads() -> ThreadPoolExecutor:
    """Return the threads; they stay, since to start them takes as long as one of them writes."""
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="feeds")


# Threads do not live on in a forked child.
os.register_at_fork(after_in_child=threads.cache_clear)
