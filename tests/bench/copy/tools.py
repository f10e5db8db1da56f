"""The programs that copy, each told its best settings for this job: ours, the reference driver, and the peers.

A tool's `argv` is one copy as it would be typed; what it keeps between two copies lies in its own directory.
"""

import os
import shlex
import shutil
from dataclasses import dataclass

import world
from world import HOST, PASSWORD, ROOT

PROGRAM = os.environ.get("CUTOVER_BIN") or str(ROOT / "build/release/src/cutover")


@dataclass
class Trip:
    """Who is copied from where to where, and by which way."""

    users: dict  # source user: target user
    ways: dict  # side: address to connect to
    source: str = "source"
    target: str = "target"
    at_once: int = 1


class Cutover:
    """The program under test. Without the comparison at the end, which no other tool makes."""

    keeps = True

    def __init__(self, compress=None):
        self.compress, self.name = compress, f"compress-{compress}" if compress else "cutover"

    def argv(self, lab, directory, trip):
        rows = [f"{user}@bench.test,{user},{PASSWORD},{goal},{PASSWORD}" for user, goal in trip.users.items()]
        sheet = directory / "users.csv"
        sheet.write_text("EmailAddress,UserName,Password,TargetUserName,TargetPassword\n" + "\n".join(rows) + "\n")
        sheet.chmod(0o600)
        (directory / "cutover.yaml").write_text(
            f"domain: bench.test\ntarget: {{ imap: imaps://{HOST[trip.target]} }}\n"
            f"source: {{ imap: imaps://{HOST[trip.source]} }}\nmailboxes: users.csv\n"
            f"policy: {{ mailboxes_at_once: {trip.at_once} }}\n" +
            (f"copy: {{ compress: {self.compress} }}\n" if self.compress else "") + f"network:\n  ca_file: {lab.path('ca.pem')}\n  connect_to: "
            f"{{ {HOST[trip.source]}: {trip.ways[trip.source]}, {HOST[trip.target]}: {trip.ways[trip.target]} }}\n")
        return ["env", "-C", str(directory), PROGRAM, "-q", "copy", "--no-verify"]


class Driver:
    """driver.c: APPENDs one by one, or `multi` messages a command."""

    keeps = False

    def __init__(self, multi=1):
        self.multi, self.name = multi, "driver" if multi == 1 else f"driver-{multi}"

    def argv(self, lab, directory, trip):
        secret = directory / "secret"
        secret.write_text(PASSWORD)
        lines = [shlex.join([str(world.tool("driver")), str(lab.path("ca.pem")),
                             f"{HOST[trip.source]}={trip.ways[trip.source]}", user, str(secret),
                             f"{HOST[trip.target]}={trip.ways[trip.target]}", goal, str(secret), str(self.multi)])
                 for user, goal in trip.users.items()]
        return commands(directory, lines, trip.at_once)


ACCOUNT = """\
IMAPAccount {side}
Host {host}
User {user}
PassCmd "cat {secret}"
SSLType IMAPS
CertificateFile {ca}
AuthMechs LOGIN
PipelineDepth 50

IMAPStore {side}
Account {side}

"""

CHANNEL = """\
Channel move
Far :source:
Near :target:
Patterns *
Create Near
Sync Pull
Expunge None
CopyArrivalDate yes
SyncState {state}/
"""


class Mbsync:
    """isync, which speaks no COMPRESS unless it is told to; one for each user, so many at once as we have. The names
    are known to nobody's DNS, so it runs in a mount namespace with a hosts file of its own."""

    name, keeps = "mbsync", True

    def argv(self, lab, directory, trip):
        hosts = directory / "hosts"
        hosts.write_text(lab.hosts(trip.ways))
        lines = [f"mbsync -q -c {shlex.quote(str(self.configure(lab, directory, trip, user)))} -a" for user in trip.users]
        return ["unshare", "-m", "sh", "-c", f'mount --bind {hosts} /etc/hosts && exec "$@"', "sh",
                *commands(directory, lines, trip.at_once)]

    @staticmethod
    def configure(lab, directory, trip, user):
        own = directory / user
        (own / "state").mkdir(parents=True, exist_ok=True)
        secret = own / "secret"
        secret.write_text(PASSWORD)
        text = ""
        for side, server, name in (("source", trip.source, user), ("target", trip.target, trip.users[user])):
            text += ACCOUNT.format(side=side, host=HOST[server], user=name, secret=secret, ca=lab.path("ca.pem"))
        (own / "mbsyncrc").write_text(text + CHANNEL.format(state=own / "state"))
        return own / "mbsyncrc"


def commands(directory, lines, at_once):
    """Several command lines, so many side by side. xargs ends with 123 when one of them fails."""
    if len(lines) == 1:
        return ["sh", "-c", f"exec {lines[0]}"]
    (directory / "commands").write_text("\n".join(lines) + "\n")
    return ["xargs", "-a", str(directory / "commands"), "-P", str(at_once), "-d", "\\n", "-n", "1", "sh", "-c"]


def available():
    """What is installed. imapsync is no Debian package, and dsync writes the target's storage without IMAP."""
    return [Cutover(), Driver(100), Driver()] + ([Mbsync()] if shutil.which("mbsync") else [])
