"""A PowerDNS in the primary's place: its address, its zones as at first, and its keys, and an HTTP API besides.

    with powerdns.instead_of_primary(lab) as server:
        server.url, server.key

It is a server of the lab's own, with its own configuration and database; the system's service is never touched.
"""

import contextlib
import shutil
import sqlite3
import subprocess
from pathlib import Path

from . import dns, dnsprobe, process, zones
from .layout import DOMAIN, REGISTRAR_ZONE, TRANSFER_KEY, UPDATE_KEY, LabError, write

NAME = "powerdns"
API_PORT = 8081
SCHEMA = Path("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql")

# security-poll-suffix is empty, or it would ask the world about itself.
CONF = """\
launch=gsqlite3
gsqlite3-database={dir}/pdns.sqlite3
local-address={address}
local-port=53
query-local-address={address}
daemon=no
guardian=no
setuid=
setgid=
chroot=
socket-dir={dir}
security-poll-suffix=
version-string=anonymous
primary=yes
also-notify={secondary}:53
only-notify=
allow-axfr-ips=127.0.0.0/8
dnsupdate=yes
allow-dnsupdate-from=127.0.0.0/8
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
api=yes
api-key={key}
webserver=yes
webserver-address={address}
webserver-port={port}
webserver-allow-from=127.0.0.0/8
"""


class Server:
    def __init__(self, lab):
        self.lab, self.dir = lab, lab.path(NAME)
        self.key = f"{lab.random(NAME).getrandbits(128):032x}"
        self.url = f"http://{lab.address('primary')}:{API_PORT}"

    def util(self, *words):
        done = subprocess.run(["pdnsutil", "--config-dir", str(self.dir), *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise LabError(f"pdnsutil {words[0]}: {(done.stderr or done.stdout).strip()}")

    def prepare(self):
        for program in ("pdns_server", "pdnsutil"):
            if not shutil.which(program):
                raise LabError(f"'{program}' is missing\nhint: apt install pdns-server pdns-backend-sqlite3")
        self.dir.mkdir(exist_ok=True)
        write(self.dir / "pdns.conf", CONF.format(dir=self.dir, address=self.lab.address("primary"), port=API_PORT, key=self.key,
                                                  secondary=self.lab.address("secondary")), 0o600)
        (self.dir / "pdns.sqlite3").unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(self.dir / "pdns.sqlite3")) as database:
            database.executescript(SCHEMA.read_text(encoding="utf-8"))
        for key in (UPDATE_KEY, TRANSFER_KEY):
            self.util("import-tsig-key", key, "hmac-sha256", dns.secret(self.lab, key))
        self.load(DOMAIN, zones.domain(self.lab))
        self.load(REGISTRAR_ZONE, zones.registrar(self.lab))

    def load(self, zone, text):
        """The zone as the primary had it at first: its serial goes on from there, so that the secondary follows."""
        write(self.dir / f"{zone}.zone", text)
        self.util("load-zone", zone, str(self.dir / f"{zone}.zone"))
        self.util("set-kind", zone, "primary")
        self.util("set-meta", zone, "TSIG-ALLOW-AXFR", TRANSFER_KEY)
        self.util("set-meta", zone, "TSIG-ALLOW-DNSUPDATE", UPDATE_KEY)
        self.util("set-meta", zone, "SOA-EDIT-DNSUPDATE", "INCREASE")
        self.util("set-meta", zone, "SOA-EDIT-API", "INCREASE")
        self.util("set-meta", zone, "NOTIFY-DNSUPDATE", "1")

    def probe(self):
        return dnsprobe.authoritative_for(self.lab.address("primary"), DOMAIN)


@contextlib.contextmanager
def instead_of_primary(lab):
    """Stops the lab's primary for good, and is there until the block ends."""
    server = Server(lab)
    server.prepare()
    process.stop(lab, "primary")
    child = process.start(lab, NAME, ["/usr/sbin/pdns_server", f"--config-dir={server.dir}"])
    try:
        process.wait_ready(lab, NAME, server.probe, child)
        yield server
    finally:
        process.stop(lab, NAME)
        child.wait()
