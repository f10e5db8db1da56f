#!/usr/bin/env python3
"""Runs programs in a root of their own: jail.py SPEC, a JSON file with

    root       the directory that is / to them
    log        the file that gets what they write to the system's log
    mounts     [[directory, place in the root], …]
    env        their environment
    programs   command lines: this process becomes the last one, the others end with it

To be called under `unshare --mount`, so that the mounts end with the last process.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys

DEVICES = ("null", "zero", "random", "urandom")
PR_SET_PDEATHSIG = 1


def mount(*words):
    subprocess.run(["mount", *words], check=True)


def mount_all(root, pairs):
    mount("-t", "tmpfs", "-o", "mode=0755,size=64k", "tmpfs", f"{root}/dev")
    for name in DEVICES:
        with open(f"{root}/dev/{name}", "w", encoding="ascii"):
            pass
        mount("--bind", f"/dev/{name}", f"{root}/dev/{name}")
    for source, place in pairs:
        os.makedirs(root + place, exist_ok=True)
        mount("--bind", source, root + place)


def beside(work):
    """A child that does `work` and dies with this process, or with what this process becomes."""
    parent = os.getpid()
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)  # it had ended by then: whoever reads its output would wait for this process for ever
        work()
        os._exit(1)


def keep_log(listener, file):
    while True:
        file.write(listener.recv(8192).rstrip(b"\0\n") + b"\n")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = json.load(file)
    with open(spec["log"], "ab", buffering=0) as log, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        mount_all(spec["root"], spec["mounts"])
        os.chroot(spec["root"])
        os.chdir("/")
        listener.bind("/dev/log")
        os.chmod("/dev/log", 0o666)
        beside(lambda: keep_log(listener, log))
    *helpers, last = spec["programs"]
    for argv in helpers:
        beside(lambda argv=argv: os.execve(argv[0], argv, spec["env"]))
    os.execve(last[0], last, spec["env"])


if __name__ == "__main__":
    main()
