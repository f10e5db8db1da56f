"""PowerDNS as the primary, its zones in SQLite: DNS UPDATE, and the HTTP API behind a gate that speaks TLS.

The table `touched` is the lab's own: triggers note each record that anybody writes or removes there, as a journal
that PowerDNS does not keep.
"""

import sqlite3
import subprocess
import sys
from pathlib import Path

from . import packages, zones
from .layout import DOMAIN, POWERDNS_HOST, REGISTRAR_ZONE, TRANSFER_KEY, UPDATE_KEY, LabError, write

SCHEMA = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"
API_PORT = 8081
API_KEY = "powerdns-api"  # the file below secrets/

# No caches, for a test looks at once; a changed serial is told to the secondary within a second.
CONF = """\
launch=gsqlite3
gsqlite3-database={dir}/zones.db
gsqlite3-pragma-synchronous=0
config-dir={dir}
socket-dir={dir}
local-address={address}
query-local-address={address}
primary=yes
only-notify={secondary}
also-notify={secondary}
xfr-cycle-interval=1
dnsupdate=yes
allow-dnsupdate-from=127.0.0.0/8
allow-axfr-ips=127.0.0.0/8
api=yes
api-key={key}
webserver=yes
webserver-address={address}
webserver-port={port}
webserver-allow-from=127.0.0.0/8
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
distributor-threads=1
receiver-threads=1
retrieval-threads=1
signing-threads=1
consistent-backends=yes
security-poll-suffix=
version-string=anonymous
"""

TOUCHED = """\
CREATE TABLE touched (owner TEXT, type TEXT);
CREATE TRIGGER added AFTER INSERT ON records BEGIN INSERT INTO touched VALUES (NEW.name, NEW.type); END;
CREATE TRIGGER removed AFTER DELETE ON records BEGIN INSERT INTO touched VALUES (OLD.name, OLD.type); END;
CREATE TRIGGER altered AFTER UPDATE ON records WHEN OLD.content <> NEW.content OR OLD.ttl <> NEW.ttl OR OLD.name <> NEW.name
    OR OLD.type <> NEW.type BEGIN INSERT INTO touched VALUES (NEW.name, NEW.type); INSERT INTO touched VALUES (OLD.name, OLD.type); END;
"""


def prepare(lab):
    if not Path(SCHEMA).exists():
        raise LabError(f"'{SCHEMA}' is missing\nhint: apt install pdns-backend-sqlite3")
    directory = lab.path("primary")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    write(lab.path("secrets", API_KEY), f"{lab.random('powerdns').randbytes(16).hex()}\n", 0o600)
    write(directory / "pdns.conf", CONF.format(dir=directory, address=lab.address("primary"), secondary=lab.address("secondary"),
                                               key=lab.secret(API_KEY), port=API_PORT), 0o600)
    database = sqlite3.connect(directory / "zones.db")
    database.executescript(Path(SCHEMA).read_text(encoding="utf-8"))
    database.close()
    for zone, text in ((DOMAIN, zones.domain(lab)), (REGISTRAR_ZONE, zones.registrar(lab))):
        write(directory / f"{zone}.zone", text)
        util(lab, "load-zone", zone, str(directory / f"{zone}.zone"))
        util(lab, "set-kind", zone, "primary")
    for key in (UPDATE_KEY, TRANSFER_KEY):
        util(lab, "import-tsig-key", key, "hmac-sha256", lab.secret(key))
    for zone in (DOMAIN, REGISTRAR_ZONE):
        util(lab, "set-meta", zone, "TSIG-ALLOW-AXFR", TRANSFER_KEY, UPDATE_KEY)
        util(lab, "set-meta", zone, "TSIG-ALLOW-DNSUPDATE", UPDATE_KEY)
        util(lab, "set-meta", zone, "SOA-EDIT-DNSUPDATE", "INCREASE")
        util(lab, "set-meta", zone, "NOTIFY-DNSUPDATE", "1")
    set_serial_rule(lab, "INCREASE")
    database = sqlite3.connect(directory / "zones.db")
    database.executescript(TOUCHED)
    database.close()


def util(lab, *words):
    done = subprocess.run(["pdnsutil", "--config-dir", str(lab.path("primary")), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"pdnsutil {words[0]} failed: {(done.stderr or done.stdout).strip()}")


def set_serial_rule(lab, rule):
    """How the API raises the domain's serial; empty: not at all, as PowerDNS has it when nobody says otherwise."""
    util(lab, "set-meta", DOMAIN, "SOA-EDIT-API", *([rule] if rule else []))


def edited(lab):
    database = sqlite3.connect(f"file:{lab.path('primary', 'zones.db')}?mode=ro", uri=True)
    try:
        return database.execute("SELECT owner, type FROM touched WHERE type IS NOT NULL ORDER BY rowid").fetchall()
    finally:
        database.close()


def command(lab):
    return [packages.server(lab, "pdns_server"), f"--config-dir={lab.path('primary')}", "--daemon=no", "--guardian=no",
            "--disable-syslog", "--log-timestamp=no", "--loglevel=5"]


def gate(lab):
    tls = lab.path("tls", POWERDNS_HOST)
    return [sys.executable, str(Path(__file__).with_name("gate.py")), "tls", lab.address("gate"), f"{tls}.pem", f"{tls}.key",
            lab.address("primary"), str(API_PORT)]
