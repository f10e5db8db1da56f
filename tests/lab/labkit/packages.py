"""The servers' programs: are they there, in a version that the lab knows, and free to work in its directory?"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from .layout import LabError

# What is run, and the Debian package that has it.
PROGRAMS = {
    "knotd": "knot", "keymgr": "knot", "kdig": "knot-dnsutils", "knsupdate": "knot-dnsutils", "nsd": "nsd",
    "unbound": "unbound", "dovecot": "dovecot-imapd", "postfix": "postfix", "openssl": "openssl",
}
os.environ["PATH"] = os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin"


# The same for a primary that is not Knot.
PRIMARY = {"knot": {}, "bind": {"named": "bind9", "named-journalprint": "bind9-utils"},
           "powerdns": {"pdns_server": "pdns-server", "pdnsutil": "pdns-server"}}


def require(primary="knot"):
    programs = PROGRAMS | PRIMARY[primary]
    missing = sorted({package for program, package in programs.items() if not shutil.which(program)})
    if missing:
        raise LabError(f"these packages are missing: {' '.join(missing)}\nhint: ./quickstart --no-lab installs what is "
                       f"needed without starting any service; or apt install {' '.join(missing)}")
    version = subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=False).stdout
    if not re.match(r"2\.3\.", version):
        raise LabError(f"the lab's configuration is for Dovecot 2.3, this is {version.split()[:1]}\n"
                       "hint: use Debian 12 or Ubuntu 24.04")


def server(lab, name):
    """The program to start. Where AppArmor confines it to its package's directories, a copy of it in the lab's
    directory, which no profile names."""
    path = shutil.which(name)
    enabled = Path("/sys/module/apparmor/parameters/enabled")
    confined = enabled.exists() and enabled.read_text().startswith("Y") \
        and Path(f"/etc/apparmor.d/usr.sbin.{name}").exists()
    if not confined:
        return path
    copy = lab.path("bin", name)
    if not copy.exists():
        copy.parent.mkdir(mode=0o755, exist_ok=True)
        shutil.copy(path, copy.with_suffix(".new"))
        copy.with_suffix(".new").replace(copy)
    return str(copy)
