"""`python -m mizzle`, and where the command `mizzle` begins."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

_INTERRUPTED = 130
_A_MOMENT = 0.01  # seconds


def main() -> None:
    """Run the command line, without the garbage collector: a command is short, and makes few circles."""
    gc.disable()
    sys.unraisablehook = _unraisable
    try:
        from mizzle.cli.main import main as run  # noqa: PLC0415 - Ctrl-C while it is being loaded ends it quietly, too
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(_INTERRUPTED)
    try:
        run()
    except SystemExit as end:
        _leave(end)


def _leave(end: SystemExit) -> NoReturn:
    """End the process without taking its modules apart first, which takes longer than finding nothing to do.

    What was registered to happen at the end happens; where the models have started threads, Python ends as usual.
    """
    threading = sys.modules.get("threading")
    if threading is not None and threading.active_count() > 1:
        raise end
    atexit._run_exitfuncs()  # noqa: SLF001 - what Python itself calls  # pyright: ignore[reportPrivateUsage]
    with suppress(OSError):  # nobody reads it any more
        sys.stderr.flush()
    os._exit(int(end.code or 0))


def _unraisable(args: sys.UnraisableHookArgs) -> None:
    """Have a Ctrl-C that Python met where it cannot raise (in a callback of the import system, say) come again."""
    if not issubclass(args.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(args)
        return
    import _thread  # noqa: PLC0415 - hardly ever needed
    from threading import Timer  # noqa: PLC0415 - hardly ever needed

    Timer(_A_MOMENT, _thread.interrupt_main).start()


if __name__ == "__main__":
    main()
