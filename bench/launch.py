"""One process measured from outside; started with `python -S -E` so that this one stays small.

Linux counts into a child's peak memory what its parent had when it forked: the parent must be smaller than whatever it
measures. Arguments: a file for what the command prints, then the command. Prints the exit code, wall seconds, processor
seconds (user and system), and the peak memory of the largest process in KiB; children that were waited for count.
"""

import os
import sys
import time

output, *command = sys.argv[1:]
file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
nothing = os.open(os.devnull, os.O_RDONLY)
actions = [(os.POSIX_SPAWN_DUP2, source, target) for source, target in ((nothing, 0), (file, 1), (file, 2))]
start = time.perf_counter()
child = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
_, status, usage = os.wait4(child, 0)
wall = time.perf_counter() - start
sys.stdout.write(f"{os.waitstatus_to_exitcode(status)} {wall} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss}\n")
