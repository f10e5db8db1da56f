"""Servers as processes: started detached, found again by pid and start time, stopped whole.

There is no supervisor to die: each server leads a session of its own, and what it forks stays in that
session or below it; Postfix's master opens another, which is noted too, for it outlives its parent. A pid
alone is never trusted, for it may belong to somebody else by now.
"""

import os
import signal
import subprocess
import time
from pathlib import Path

from .layout import LabError, write

READY_SECONDS = 180  # a server that ends is told at once; this is for a machine that is busy
STOP_SECONDS = 60


def stat_fields(pid):
    """(parent, session, start time) of a process, or None when it is gone or a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text[text.rindex(")") + 2:].split()  # the name in parentheses may hold anything
    if fields[0] in "ZX":
        return None
    return int(fields[1]), int(fields[3]), int(fields[19])


def pid_file(lab, name):
    return lab.path("run", f"{name}.pid")


def recorded(lab, name):
    """[(pid, start time)] of the server's session leaders as they were noted, the one that we started first."""
    try:
        words = pid_file(lab, name).read_text().split()
    except FileNotFoundError:
        return []
    return list(zip(map(int, words[::2]), map(int, words[1::2])))


def note(lab, name, leaders):
    write(pid_file(lab, name), "".join(f"{pid} {started}\n" for pid, started in leaders))


def processes():
    """{pid: (parent, session, start time)} of everything that lives."""
    table = {}
    for item in os.listdir("/proc"):
        fields = stat_fields(item) if item.isdigit() else None
        if fields:
            table[int(item)] = fields
    return table


def members(lab, name):
    """Every living process of the server: its sessions and all descendants, our own child first."""
    table = processes()
    # A living session keeps its number from being given away, so another start time means: it is over.
    leaders = [pid for pid, started in recorded(lab, name) if pid not in table or table[pid][2] == started]
    found = {pid for pid, (_, session, _) in table.items() if session in leaders or pid in leaders}
    grown = True
    while grown:
        below = {pid for pid, (parent, _, _) in table.items() if parent in found}
        grown = not below <= found
        found |= below
    return sorted(found, key=lambda pid: (pid not in leaders[:1], pid))


def note_sessions(lab, name):
    """Once the server is up: note the sessions that it opened, so that they are found without their parents."""
    table = processes()
    known = recorded(lab, name)
    opened = {table[pid][1] for pid in members(lab, name) if pid in table} - {pid for pid, _ in known}
    note(lab, name, known + [(pid, table[pid][2]) for pid in sorted(opened) if pid in table])


def alive(lab, name):
    noted = recorded(lab, name)
    states = [stat_fields(pid) for pid, _ in noted]
    return bool(noted) and all(state and state[2] == started for state, (_, started) in zip(states, noted))


def start(lab, name, argv):
    """Start `argv` as the server `name`; its output goes to DIR/log/NAME.out. The Popen."""
    def note_myself():
        # In the child, before the program: nobody can be killed between the start and the note.
        note(lab, name, [(os.getpid(), stat_fields(os.getpid())[2])])

    with open(lab.path("log", f"{name}.out"), "ab") as log:
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"},
                                start_new_session=True, preexec_fn=note_myself)


def log_hint(lab, name):
    texts = [lab.path("log", f"{name}.{kind}") for kind in ("out", "log")]
    lines = [line for text in texts if text.exists()
             for line in text.read_text(errors="replace").splitlines()[-4:]]
    return f"the end of its log ({texts[0]}):\n  " + "\n  ".join(lines or ["(empty)"])


def wait_ready(lab, name, probe, child=None):
    """As wait_for; then all that the server has started is noted."""
    wait_for(lab, name, probe, child)
    note_sessions(lab, name)


def wait_for(lab, name, probe, child=None, seconds=READY_SECONDS):
    """Poll `probe` (None = up, else why not) until it answers; the deadline turns into a LabError."""
    deadline = time.monotonic() + seconds
    while True:
        reason = probe()
        if reason is None:
            return
        if child is not None and child.poll() is not None:
            raise LabError(f"'{name}' ended with status {child.returncode}\nhint: {log_hint(lab, name)}")
        if time.monotonic() > deadline:
            raise LabError(f"'{name}' does not answer after {seconds} s: {reason}\nhint: {log_hint(lab, name)}")
        time.sleep(0.05)


def stop(lab, name):
    """Ask the session leaders to end, wait for all processes, then insist. True when something ran."""
    running = members(lab, name)
    if running:
        note_sessions(lab, name)  # an interrupted start may not have come so far
        leaders = [pid for pid, _ in recorded(lab, name)]
        signal_all([pid for pid in running if pid in leaders] or running, signal.SIGTERM)
        if not wait_gone(lab, name, STOP_SECONDS):
            kill(lab, name)
    pid_file(lab, name).unlink(missing_ok=True)
    return bool(running)


def kill(lab, name):
    """SIGKILL every process of the server, again until none is left (one may just be forking)."""
    deadline = time.monotonic() + STOP_SECONDS
    while True:
        running = members(lab, name)
        if not running:
            return
        signal_all(running, signal.SIGKILL)
        if time.monotonic() > deadline:
            raise LabError(f"'{name}' survives SIGKILL: {running}")
        time.sleep(0.01)


def wait_gone(lab, name, seconds):
    deadline = time.monotonic() + seconds
    while members(lab, name):
        if time.monotonic() > deadline:
            return False
        reap()
        time.sleep(0.02)
    return True


def signal_all(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def reap():
    """Collect our own ended children (only when up and down happen in one process)."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
