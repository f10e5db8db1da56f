"""Servers whose packages exclude one another as Debian packages, each unpacked into a root of its own.

A root is the closure of the package's dependencies as apt computes it for an empty machine, without what only
installs or administers; nothing of this machine's own libraries is used. It is made once, in build/roots, and
only read afterwards: what a lab's server writes lies in the lab's directory, mounted over it (jail.py).
"""

import fcntl
import json
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from .layout import LabError, write

CACHE = Path(__file__).resolve().parents[3] / "build" / "roots"
PACKAGES = {"cyrus": ("cyrus-imapd", "sasl2-bin"), "courier": ("courier-imap", "courier-authlib-userdb")}
VERSION = "1"  # of what is made of the packages; another one makes the roots anew
# Scripts, mailers, what sets up users and services: no server of ours runs any of it.
NOT_NEEDED = re.compile(r"gcc-.*-base|tar|dpkg|perl.*|libperl.*|lib.*-perl|usrmerge|init-system-helpers|sysvinit-utils|"
                        r"lsb-base|e2fsprogs|logsave|libext2fs2|libss2|debconf|passwd|adduser|cron.*|sensible-utils|"
                        r"exim4.*|libpam-modules.*|libpam-runtime|gawk|readline-common|gnutls-bin|db.*-util|"
                        r"courier-authdaemon")
EMPTY = ("dev", "etc", "lab", "run", "tmp", "var")


def path(name):
    """The root of the server `name`; it is made when it is not there."""
    root = CACHE / f"{name}-{VERSION}"
    if not root.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with open(CACHE / f"{name}.lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not root.exists():
                make(name, root)
    return root


def make(name, root):
    with tempfile.TemporaryDirectory(prefix=f"{name}.", dir=CACHE) as work:
        # apt fetches as a user of its own, who must be able to write there.
        os.chmod(work, 0o777)
        draft = Path(work, "root")
        draft.mkdir(mode=0o755)
        try:
            fetch(closure(PACKAGES[name], work), work)
        except LabError:  # the lists are old or were never fetched
            run("apt-get", "update", "-qq")
            fetch(closure(PACKAGES[name], work), work)
        for package in sorted(Path(work).glob("*.deb")):
            run("dpkg", "-x", str(package), str(draft))
        for directory in EMPTY:
            (draft / directory).mkdir(exist_ok=True)
        account = pwd.getpwnam("mail")
        write(draft / "etc/passwd", f"root:x:0:0::/:/bin/sh\nmail:x:{account.pw_uid}:{account.pw_gid}::/:/bin/sh\n")
        write(draft / "etc/group", f"root:x:0:\nmail:x:{account.pw_gid}:\n")
        draft.replace(root)


def closure(packages, work):
    """The names of all packages that apt would install were nothing there yet."""
    status = Path(work, "status")
    status.touch()
    plan = run("apt-get", "install", "-s", "--no-install-recommends", "-o", f"Dir::State::status={status}", *packages)
    names = re.findall(r"^Inst (\S+) ", plan, re.MULTILINE)
    return [name for name in names if not NOT_NEEDED.fullmatch(name)]


def fetch(names, work):
    run("apt-get", "download", "-qq", *names, cwd=work)


def run(*argv, **options):
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"}, **options)
    if done.returncode:
        raise LabError(f"{' '.join(argv[:3])} failed: {done.stderr.strip()[-400:]}\n"
                       "hint: Cyrus and Courier come from the package mirror; is it within reach?")
    return done.stdout


def inside(lab, name, spec):
    """The command line that runs `spec` (jail.py tells of it) in the root `name`, the lab's directory NAME as /lab."""
    file = lab.path(name, "jail.json")
    whole = {"root": str(path(name)), "log": str(lab.path("log", f"{name}.log")), "env": {"LC_ALL": "C"}, **spec}
    whole["mounts"] = [[str(lab.path(name)), "/lab"], *spec.get("mounts", [])]
    write(file, json.dumps(whole, indent=2) + "\n")
    return ["unshare", "--mount", shutil.which("python3"), str(Path(__file__).resolve().parent / "jail.py"), str(file)]
