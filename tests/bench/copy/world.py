"""IMAP servers on loopback for the bench: Dovecot as source and target, their certificates, and the delay
between them and the client. `archive` is a source too, of one file a folder; `strict` is a target that refuses
big messages. Everything lies in one directory and ends with it.

Any user name logs in with the one password; a home comes into being when it is first used. So each copy gets
a target user of its own, and nothing has to be emptied or restarted between two turns.
"""

import atexit
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/lab"))

from labkit import ca, layout, process  # noqa: E402

PASSWORD = "bench-Passwort-7"
OCTET = {"source": 7, "target": 8, "strict": 9, "archive": 10}
HOST = {side: f"{side}.bench.test" for side in OCTET}
LOCATION = {"source": "maildir:~/Maildir", "target": "mdbox:~/mdbox", "strict": "mdbox:~/mdbox",
            "archive": "mbox:~/mail:INBOX=~/inbox"}
SHAPE = {"source": (".", "INBOX."), "target": ("/", ""), "strict": ("/", ""), "archive": (".", "INBOX.")}
MAIL_USER = "mail"  # every Debian has it

DOVECOT = """\
instance_name = cutover-bench-{side}
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/log
protocols = imap
listen = {address}
ssl = required
ssl_cert = <{tls}.pem
ssl_key = <{tls}.key
ssl_min_protocol = TLSv1.2
auth_mechanisms = plain login
mail_uid = {user}
mail_gid = {user}
first_valid_uid = 1
first_valid_gid = 1
mail_location = {location}
mail_max_userip_connections = 40
mailbox_list_index = yes
mdbox_rotate_size = 50M
mail_fsync = {fsync}
default_process_limit = 1000
default_client_limit = 4000
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={user} home={dir}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = 993
    ssl = yes
  }}
}}
service imap {{
  process_limit = 2000
}}
service auth {{
  unix_listener auth-userdb {{
    mode = 0666
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""

# The target that refuses what is bigger than this, as real ones do.
STRICT = """\
mail_plugins = quota
protocol imap {
  mail_plugins = quota imap_quota
}
plugin {
  quota = count:all
  quota_vsizes = yes
  quota_max_mail_size = 100k
}
"""


# RFC 4978: offered on wish, as mbsync would use it without being asked.
COMPRESS = """\
protocol imap {
  mail_plugins = imap_zlib
}
"""


class World:
    """`fsync` is the servers' mail_fsync: "never" measures the protocol, "optimized" (Dovecot's default) the disk too.
    With `compress` both servers offer COMPRESS=DEFLATE."""

    def __init__(self, sides=("source", "target"), fsync="never", compress=False):
        self.fsync, self.compress = fsync, compress
        self.dir = Path(tempfile.mkdtemp(prefix="lab.bench.", dir=os.environ.get("CUTOVER_LABS", "/tmp")))
        self.dir.chmod(0o711)
        self.sides, self.net, self.delays = sides, layout.free_network(), []
        self.turns = 0
        atexit.register(self.down)
        signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
        for sub in ("log", "run", "tools"):
            self.path(sub).mkdir(mode=0o711)
        ca.prepare(self, [HOST[side] for side in sides])
        for side in sides:
            self.start(side)

    def go_first(self):
        """Before whatever else the machine does: the kernel weighs sessions (sched_autogroup), and each of ours gets the
        most. What is measured then is nearly what a quiet machine would give."""
        for pid in [os.getpid()] + [pid for side in self.sides for pid in process.members(self, side)]:
            try:
                Path(f"/proc/{pid}/autogroup").write_text("-19")
            except OSError:
                pass  # it is over, or this kernel has none

    def path(self, *parts):
        return self.dir.joinpath(*parts)

    def address(self, side):
        return f"{self.net}.{OCTET[side]}"

    def addresses(self):
        return {side: self.address(side) for side in self.sides}

    @staticmethod
    def hosts(addresses):
        return "127.0.0.1 localhost\n" + "".join(f"{where} {HOST[side]}\n" for side, where in addresses.items())

    def start(self, side):
        account = pwd.getpwnam(MAIL_USER)
        separator, prefix = SHAPE[side]
        for sub in ("run", "state", "mail"):
            self.path(side, sub).mkdir(mode=0o755, parents=True)
        os.chown(self.path(side, "mail"), account.pw_uid, account.pw_gid)
        config = self.path(side, "dovecot.conf")
        config.write_text(DOVECOT.format(
            side=side, dir=self.path(side), address=self.address(side), tls=self.path("tls", HOST[side]), user=MAIL_USER,
            location=LOCATION[side], password=PASSWORD, separator=separator, prefix=prefix, fsync=self.fsync) +
            (STRICT if side == "strict" else COMPRESS if self.compress else ""))
        child = process.start(self, side, ["dovecot", "-F", "-c", str(config)])
        process.wait_ready(self, side, lambda: probe(self.address(side)), child)

    def down(self):
        self.undelay()
        for side in self.sides:
            process.stop(self, side)
        shutil.rmtree(self.dir, ignore_errors=True)

    # -- mail --

    def home(self, side, user):
        home = self.path(side, "mail", user)
        if not home.exists():
            home.mkdir(mode=0o700)
            self.own(home)
        return home

    @staticmethod
    def own(path):
        subprocess.run(["chown", "-R", f"{MAIL_USER}:{MAIL_USER}", str(path)], check=True)

    def doveadm(self, side, *words):
        done = subprocess.run(["doveadm", "-c", str(self.path(side, "dovecot.conf")), *words], capture_output=True,
                              text=True, errors="replace", check=False)
        if done.returncode:
            raise SystemExit(f"bench: doveadm {' '.join(words)}: {done.stderr}")
        return done.stdout

    def warm(self, user, side="source"):
        """Reads what the server would work out once and then remember; the tools shall not pay for that by turns."""
        self.doveadm(side, "fetch", "-u", user, "uid flags date.received size.virtual", "all")

    def arrived(self, side, user):
        """Messages of a user as the target itself counts them: nothing of any client's."""
        lines = self.doveadm(side, "mailbox", "status", "-u", user, "messages", "*").splitlines()
        return sum(int(line.rsplit("messages=", 1)[1]) for line in lines)

    def files(self, user):
        """Messages of a user at the source: as many files as there are; doveadm's wildcards do not reach below this server's prefix."""
        root = self.path("source", "mail", user, "Maildir")
        return sum(len(names) for place, _, names in os.walk(root) if place.endswith(("/cur", "/new")))

    def cpu(self):
        """Seconds of CPU that the servers used, those of sessions that are over among them."""
        deadline = time.monotonic() + 2
        while self.sessions() and time.monotonic() < deadline:
            time.sleep(0.02)  # what a session used is told when it is over
        total = 0
        for side in self.sides:
            masters = {pid for pid, _ in process.recorded(self, side)}
            for pid in process.members(self, side):
                total += sum(times(pid)[:4 if pid in masters else 2])
        return total / os.sysconf("SC_CLK_TCK")

    def sessions(self):
        return [pid for side in self.sides for pid in process.members(self, side) if name_of(pid) == "imap"]

    def drop(self, side, user):
        """All of a user's mail at that side."""
        shutil.rmtree(self.path(side, "mail", user), ignore_errors=True)

    def fresh_user(self):
        self.turns += 1
        return f"turn{self.turns}"

    # -- the way to the servers --

    def delay(self, rtt_ms, mbit=None):
        """Both servers through delays; their addresses for a client, and what the delay counted is in `counted`.
        `mbit` is {side: Mbit/s} of those at the end of a slow line."""
        self.undelay()
        ways = {side: f"{self.net}.{OCTET[side] + 100}" for side in self.sides}
        log = self.path("log", "delay.json")
        with open(log, "wb") as out:
            child = subprocess.Popen([str(tool("delay")), str(rtt_ms), *(
                f"{way}={self.address(side)}" + (f"@{mbit[side]:g}" if mbit and side in mbit else "")
                for side, way in ways.items())], stdout=out)
        self.delays.append(child)
        deadline = time.monotonic() + 180
        while any(probe(way) for way in ways.values()):
            if child.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("bench: the delay does not start")
            time.sleep(0.02)
        return ways

    def undelay(self):
        for child in self.delays:
            child.terminate()
            child.wait()
        self.delays.clear()

    def counted(self, since=0):
        """What passed: one object a connection that is over, in the order of their ends; since the n-th."""
        lines = self.path("log", "delay.json").read_text().splitlines()
        return [json.loads(line) for line in lines][since:]


def times(pid):
    """User, system, and those of the children that ended; in ticks."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return [0] * 4
    return [int(word) for word in text[text.rindex(")") + 2:].split()[11:15]]


def name_of(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def probe(address):
    try:
        with socket.create_connection((address, 993), timeout=30):
            return None
    except OSError as error:
        return str(error)


def tool(name):
    """One of the C programs beside this file, built when it is older than its source."""
    program = ROOT / "build/bench" / name
    if not program.exists() or program.stat().st_mtime < max(one.stat().st_mtime for one in HERE.glob("*.[ch]")):
        program.parent.mkdir(parents=True, exist_ok=True)
        words = [str(HERE / f"{name}.c")] + ([str(HERE / "link.c"), "-lssl", "-lcrypto"] if name == "driver" else [])
        subprocess.run(["cc", "-std=gnu17", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror",
                        "-o", str(program), *words], check=True)
    return program
