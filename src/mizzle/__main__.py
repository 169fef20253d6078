"""`python -m mizzle`, and where the command `mizzle` begins."""

from __future__ import annotations

import gc
import sys

_INTERRUPTED = 130
_A_MOMENT = 0.01  # seconds


def main() -> None:
    """Run the command line, without the garbage collector: a command is short, and makes few circles."""
    gc.disable()
    sys.unraisablehook = _unraisable
    try:
        from mizzle.cli.main import main as run  # noqa: PLC0415 - Ctrl-C while it is being loaded ends it quietly, too
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    run()


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
