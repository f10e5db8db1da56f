"""Where everything of one lab is: its directory, its addresses, its names, what was chosen at `up`.

All that a lab remembers is DIR/state.json; every other module is handed a Lab and reads from it.
"""

import json
import os
import random
import socket
import stat
from pathlib import Path

DOMAIN = "treyresearch.com"
REGISTRAR_ZONE = "registrar-dns.com"
NEW_MX = "treyresearch-com.mail.protection.outlook.com"
OLD_MX = "mx1.nwtraders.com"
SOURCE_HOST = "imap.nwtraders.com"
TARGET_HOST = "outlook.office365.com"
CYRUS_HOST = "cyrus.nwtraders.com"
COURIER_HOST = "courier.nwtraders.com"
POWERDNS_HOST = "api.registrar-dns.com"
UPDATE_KEY = "cutover-update"
TRANSFER_KEY = "lab-transfer"

# The last octet of each server's own address, and the TCP ports that must be free on it.
HOSTS = {
    "resolver": (1, (53,)),
    "root": (2, (53,)),
    "tld": (3, (53,)),
    "primary": (4, (53,)),
    "secondary": (5, (53,)),
    "hosting": (6, (53,)),
    "source": (7, (993,)),
    "target": (8, (993,)),
    "mx": (9, (25,)),
    "oldmx": (10, (25,)),
    "cyrus": (11, (993,)),
    "courier": (12, (993,)),
    "gate": (13, (443,)),
}
NAME_SERVERS = ["resolver", "root", "tld", "primary", "secondary", "hosting"]
PRIMARIES = ("knot", "bind", "powerdns")
ON_REQUEST = ("cyrus", "courier")  # not what a plain `up` starts
HELPERS = ("gate",)  # started with the server that needs it
RESERVED_OCTET = 254  # holds the network while it is taken
reserved = []
WEB_OCTET = 20  # www: an address in the zone where nothing listens
# AF_UNIX paths end at 107 bytes and Dovecot's longest socket adds about 50 to ours.
LONGEST_DIR = 55


class LabError(Exception):
    """Something a person can act on; shown without a traceback."""


def default_dir():
    """Not XDG_RUNTIME_DIR: the servers give up root and could not pass through it."""
    return Path("/tmp") / f"cutover-lab-{os.getuid()}"


class Lab:
    """One lab. `options` are what `up` was told; `net` is the first three octets."""

    def __init__(self, directory, options, net, prepared=False):
        self.dir = Path(directory)
        self.options = options
        self.net = net
        self.prepared = prepared  # every configuration is written; an interrupted `up` leaves it False

    def wants(self, name):
        """Is the server one of those that `up` was told to start?"""
        return name in self.options["servers"]

    def path(self, *parts):
        return self.dir.joinpath(*parts)

    def address(self, name):
        return f"{self.net}.{HOSTS[name][0]}"

    def secret(self, name):
        return self.path("secrets", name).read_text().strip()

    @property
    def web_address(self):
        return f"{self.net}.{WEB_OCTET}"

    def random(self, purpose):
        """A generator of its own for each purpose, so that adding one thing does not change the others."""
        return random.Random(f"{self.options['seed']}/{purpose}")

    def save(self):
        state = {"options": self.options, "net": self.net, "prepared": self.prepared}
        write(self.path("state.json"), json.dumps(state, indent=2) + "\n")


def create(directory, options):
    directory = Path(os.path.abspath(directory))
    if len(str(directory)) > LONGEST_DIR:
        raise LabError(f"'{directory}' is too long for the servers' sockets (at most {LONGEST_DIR} bytes)\n"
                       "hint: choose a shorter one with --dir, such as /tmp/lab")
    refuse_closed(directory)
    # The servers drop their privileges and must pass through; what is secret inside is 0600.
    directory.mkdir(mode=0o711, parents=True, exist_ok=True)
    refuse_foreign(directory)  # before anything is done to it: it may be a link that somebody has put there
    directory.chmod(0o711)
    lab = Lab(directory, options, free_network())
    for sub in ("log", "run"):
        lab.path(sub).mkdir(mode=0o711, exist_ok=True)
    lab.save()
    return lab


def load(directory):
    """The lab that was brought up in `directory`, or None."""
    directory = Path(os.path.abspath(directory))
    state = directory / "state.json"
    if not state.exists():
        return None
    refuse_foreign(directory)
    saved = json.loads(state.read_text())
    return Lab(directory, saved["options"], saved["net"], saved["prepared"])


def refuse_foreign(directory):
    info = os.lstat(directory)
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != os.getuid():
        raise LabError(f"'{directory}' is not a directory of yours\nhint: choose another with --dir")


def refuse_closed(directory):
    for parent in directory.parents:
        if parent.exists() and not os.stat(parent).st_mode & stat.S_IXOTH:
            raise LabError(f"the servers give up root and cannot pass through '{parent}'\n"
                           "hint: choose a directory below /tmp with --dir")


def free_network():
    """A 127.A.B in which every port that the lab needs can be bound."""
    choice = random.SystemRandom()
    for _ in range(20):
        net = f"127.{choice.randint(16, 250)}.{choice.randint(1, 250)}"
        ends = [(f"{net}.{octet}", port) for octet, ports in HOSTS.values() for port in ports]
        if reserve(f"{net}.{RESERVED_OCTET}") and all(bindable(*end) for end in ends):
            return net
    raise LabError("found no free addresses in 127.0.0.0/8 with ports 25, 53 and 993\n"
                   "hint: does a server on this machine listen on all addresses? `ss -ltnu` tells")


def reserve(address):
    """For this process alone, until it ends: nobody else who starts at this moment takes the same network."""
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        held.bind((address, 1))
    except OSError:
        held.close()
        return False
    reserved.append(held)
    return True


def free_port():
    """One of 127.0.0.1 that no connection gets by chance, for it lies below those that the system gives out."""
    choice = random.SystemRandom()
    for _ in range(50):
        port = choice.randint(20000, 32000)
        if bindable("127.0.0.1", port, (socket.SOCK_STREAM, socket.SOCK_DGRAM)):
            return port
    raise LabError("found no free port on 127.0.0.1")


def bindable(address, port, kinds=None):
    for kind in kinds or ((socket.SOCK_STREAM, socket.SOCK_DGRAM) if port == 53 else (socket.SOCK_STREAM,)):
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True


def write(path, text, mode=0o644):
    """Write whole or not at all; a secret file never exists with a wider mode."""
    path = Path(path)
    path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
        os.fchmod(out.fileno(), mode)
        out.write(text)
    draft.replace(path)
