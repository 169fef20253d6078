"""Start PostgreSQL as somebody it accepts to run as, and so that it never outlives this process.

PostgreSQL refuses to run as root (geteuid() = 0, main.c). As root there are two ways, tried in this order for
each start; the first that works is taken:

- a user namespace in which root is called by the name of another user. To the file system nothing changes, but
  the capabilities are lost, so that a folder of another user may be out of reach; and containers often forbid it;
- an unprivileged user (`nobody`, or whom the data belong to) who keeps one capability, to reach binaries and data
  wherever they are, as an ambient capability, which survives exec. Nothing is copied and no folder is opened to
  others: only the data folder, which is ours, changes hands.

The server gets the parent-death signal (prctl(2), PR_SET_PDEATHSIG). That one is sent when the *thread* that forked
ends and exists on Linux alone; from another thread, or another system, a tiny shell waits at a pipe instead.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from select import select
from signal import Signals

import msgspec

from mizzle.errors import ScratchError

from .binaries import ELSEWHERE, cannot_run

_CLONE_NEWUSER = 0x10000000  # linux/sched.h
_PR_SET_PDEATHSIG, _PR_SET_KEEPCAPS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2  # linux/prctl.h
_CAPABILITY_VERSION_3, _CAP_DAC_OVERRIDE = 0x20080522, 1  # linux/capability.h
_LINUX = sys.platform == "linux"

_libc = ctypes.CDLL(None, use_errno=True)


class Way(msgspec.Struct, frozen=True):
    """One way to start a server: `enter` runs in the child before exec; files must belong to `uid` and `gid`."""

    name: str
    uid: int
    gid: int
    enter: Callable[[], None]


class Order(msgspec.Struct, frozen=True):
    """What to start: the arguments, the data folder it works on, and the folders it must be able to read.

    `inherit` are file descriptors it keeps open (a lock lives as long as the server does); `death` is the
    signal it gets when this process ends.
    """

    arguments: tuple[str, ...]
    data: Path
    needs: tuple[Path, ...] = ()
    inherit: tuple[int, ...] = ()
    death: Signals = Signals.SIGKILL


class Child(msgspec.Struct, frozen=True):
    """A started process, and the shell that watches over it where the kernel does not."""

    process: subprocess.Popen[bytes]
    watcher: subprocess.Popen[bytes] | None

    def unwatch(self) -> None:
        """End the watcher, before the process is reaped and its number given to another. Idempotent."""
        if self.watcher is not None:
            self.watcher.kill()
            self.watcher.communicate()

    def ended_within(self, seconds: float) -> bool:
        """Wait for the end of the process so long; say whether it came. Popen.wait() would look ever more seldom."""
        try:
            file = os.pidfd_open(self.process.pid)
        except (AttributeError, OSError):  # an older kernel, or none of Linux
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        else:
            select([file], [], [], seconds)
            os.close(file)
        return self.process.poll() is not None

    def end(self) -> None:
        """Kill the process and what it started, if it still runs, and wait for its end."""
        self.unwatch()
        if self.process.poll() is None:
            os.killpg(self.process.pid, Signals.SIGKILL)
            self.process.wait()


def spawn(order: Order, output: int) -> Child:
    """Start it the first way that works, in a session of its own (Ctrl-C is not for it), writing to `output`.

    ScratchError when there is no way, or when the platform cannot run the program.
    """
    failed: list[str] = []
    for way in ways(order.data):
        try:
            return _spawn(order, output, way)
        except (subprocess.SubprocessError, PermissionError) as error:
            failed.append(f"{way.name}: {error}")
        except OSError as error:
            raise cannot_run(Path(order.arguments[0]), error) from error
    raise ScratchError(
        f"the embedded PostgreSQL cannot be started by user {os.geteuid()} ({'; '.join(failed)})",
        hint=f"run as an ordinary user that may read {order.arguments[0]}, or {ELSEWHERE}",
    )


def ways(data: Path) -> tuple[Way, ...]:
    """The ways to try for a server whose data are, or will be, in `data`, best first."""
    if os.geteuid() != 0:
        mine = Way("as it is", os.geteuid(), os.getegid(), _stay)
        return (mine,) if _known(os.geteuid()) or not _LINUX else (_namespace(), mine)
    owner = data.stat().st_uid if data.exists() else 0
    other = _other_user()
    if owner not in {0, other.pw_uid}:
        return (_user(owner, data.stat().st_gid),)
    both = (_namespace(), _user(other.pw_uid, other.pw_gid))
    return both if owner == 0 else both[::-1]  # as last time: changing hands takes as long as starting


def own(folder: Path, way: Way) -> None:
    """Hand the folder, which must be ours, to the user of `way`, unless it is theirs."""
    if not folder.exists() or folder.stat().st_uid == way.uid:
        return
    for here, _, files in os.walk(folder):
        for path in (here, *(f"{here}/{file}" for file in files)):
            os.chown(path, way.uid, way.gid, follow_symlinks=False)


def _spawn(order: Order, output: int, way: Way) -> Child:
    own(order.data, way)
    by_kernel = _LINUX and threading.current_thread() is threading.main_thread()
    process = subprocess.Popen(
        order.arguments,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env=_environment(),
        pass_fds=order.inherit,
        start_new_session=True,
        # Unsafe beside threads when it takes locks; this one only makes system calls.
        preexec_fn=_before_exec(order, way, by_kernel=by_kernel),  # noqa: PLW1509
    )
    return Child(process, None if by_kernel else _watch(process.pid, order.death))


def _before_exec(order: Order, way: Way, *, by_kernel: bool) -> Callable[[], None]:
    """What the child does between fork and exec; an error in it makes Popen raise SubprocessError."""
    parent = os.getpid()
    needs: Iterable[Path] = () if way.enter is _stay else (*order.needs, *([order.data] if order.data.exists() else []))

    def enter() -> None:
        way.enter()
        for folder in needs:
            os.scandir(folder).close()
        if by_kernel:  # after the change of credentials, which would clear it
            _call("prctl", _PR_SET_PDEATHSIG, order.death.value, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return enter


def _environment() -> dict[str, str]:
    """The caller's environment without what would change a server, messages in English, time in UTC."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def _watch(pid: int, death: Signals) -> subprocess.Popen[bytes]:
    """A shell that signals `pid` as soon as the other end of its input, which only we hold, is closed."""
    command = 'read -r _; kill -s "$0" "$1"'
    return subprocess.Popen(
        ["/bin/sh", "-c", command, death.name.removeprefix("SIG"), str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _known(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _other_user() -> pwd.struct_passwd:
    """Whom root may run as: initdb wants a user that the password database knows, and is not root."""
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        others = [entry for entry in pwd.getpwall() if entry.pw_uid != 0]
    if not others:
        raise ScratchError(
            "this system knows no user but root, and PostgreSQL refuses to run as root",
            hint=f"add a user (useradd nobody), or {ELSEWHERE}",
        )
    return others[0]


def _stay() -> None:
    """Nothing to enter."""


def _namespace() -> Way:
    """A user namespace in which this user is called another, whom the password database knows."""
    other = _other_user()
    uid, gid = os.geteuid(), os.getegid()
    maps = (
        ("/proc/self/setgroups", b"deny"),  # user_namespaces(7): before gid_map, for whom has no CAP_SETGID outside
        ("/proc/self/uid_map", f"{other.pw_uid} {uid} 1".encode()),
        ("/proc/self/gid_map", f"{other.pw_gid} {gid} 1".encode()),
    )

    def enter() -> None:
        _call("unshare", _CLONE_NEWUSER)
        for path, content in maps:
            file = os.open(path, os.O_WRONLY)
            os.write(file, content)
            os.close(file)

    return Way("in a user namespace", uid, gid, enter)


def _user(uid: int, gid: int) -> Way:
    """Another user, who keeps the capability to reach any file (capabilities(7), ambient set)."""
    bit = 1 << _CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)  # effective, permitted, inheritable; then bits 32 to 63

    def enter() -> None:
        _call("prctl", _PR_SET_KEEPCAPS, 1, 0, 0, 0)
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
        _call("capset", header, sets)
        _call("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)

    return Way(f"as user {uid}", uid, gid, enter)


def _call(name: str, *arguments: object) -> None:
    """A function of the C library that answers 0 when it worked; OSError otherwise."""
    words = [ctypes.c_ulong(argument) if isinstance(argument, int) else argument for argument in arguments]
    if getattr(_libc, name)(*words) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
