"""BIND as the primary. It listens on interfaces' own addresses only, which those of 127/8 but one are not, so it has a
port on 127.0.0.1 and a gate at the primary's address."""

import subprocess
import sys
from pathlib import Path

from . import layout, packages, zones
from .layout import DOMAIN, REGISTRAR_ZONE, TRANSFER_KEY, UPDATE_KEY, LabError, write

NAMED = """\
key "{update}" {{ algorithm hmac-sha256; secret "{update_secret}"; }};
key "{transfer}" {{ algorithm hmac-sha256; secret "{transfer_secret}"; }};
server {secondary} {{ keys "{transfer}"; }};
options {{
    directory "{dir}";
    listen-on port {port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    notify explicit;
    also-notify {{ {secondary}; }};
    notify-source {primary};
    notify-delay 0;
    startup-notify-rate 100;
    pid-file none;
    session-keyfile none;
    lock-file none;
    recursion no;
    dnssec-validation no;
    check-names master ignore;
    allow-transfer {{ key "{update}"; key "{transfer}"; }};
}};
controls {{ }};
logging {{ channel out {{ stderr; severity info; }}; category default {{ out; }}; }};
"""
ZONE = """\
zone "{zone}" {{ type primary; file "zones/{zone}.zone"; check-integrity no; update-policy {{ grant {update} zonesub ANY; }}; }};
"""


def prepare(lab):
    directory = lab.path("primary")
    (directory / "zones").mkdir(mode=0o700, parents=True, exist_ok=True)
    write(directory / "port", f"{layout.free_port()}\n")
    text = NAMED.format(dir=directory, port=port(lab), primary=lab.address("primary"), secondary=lab.address("secondary"),
                        update=UPDATE_KEY, transfer=TRANSFER_KEY, update_secret=lab.secret(UPDATE_KEY),
                        transfer_secret=lab.secret(TRANSFER_KEY))
    for zone, content in ((DOMAIN, zones.domain(lab)), (REGISTRAR_ZONE, zones.registrar(lab))):
        text += ZONE.format(zone=zone, update=UPDATE_KEY)
        write(directory / "zones" / f"{zone}.zone", content)
    write(directory / "named.conf", text, 0o600)


def port(lab):
    return lab.path("primary", "port").read_text().strip()


def edited(lab):
    """BIND's journal: `add owner TTL IN type …` and `del …`."""
    path = lab.path("primary", "zones", f"{DOMAIN}.zone.jnl")
    if not path.exists():
        return []
    done = subprocess.run(["named-journalprint", str(path)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"named-journalprint failed: {done.stderr.strip()}")
    rows = [line.split() for line in done.stdout.splitlines()]
    return [(row[1].rstrip(".").lower(), row[4]) for row in rows if row and row[0] in ("add", "del")]


def command(lab):
    return [packages.server(lab, "named"), "-f", "-4", "-n", "1", "-c", str(lab.path("primary", "named.conf"))]


def gate(lab):
    return [sys.executable, str(Path(__file__).with_name("gate.py")), "dns", lab.address("primary"), port(lab)]
