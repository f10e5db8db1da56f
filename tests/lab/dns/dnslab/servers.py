"""The configurations and command lines of the world's servers."""

import json
import sys
from pathlib import Path

from labkit import ca, dnsprobe, packages
from labkit.dns import UNBOUND, run
from labkit.layout import write

from . import zonetext

LAB = Path(__file__).resolve().parent.parent / "lab"
NAMES = ("unbound", "plain", "relay", "https", "bind", "nsd", "knot", "tld", "root")

KNOT = """\
server:
    listen: [{listen}]
    rundir: {dir}/run
    udp-workers: 1
    tcp-workers: 1
    background-workers: 2
log:
  - target: stderr
    any: warning
database:
    storage: {dir}/db
acl:
  - id: anybody
    action: transfer
    address: 127.0.0.0/8
template:
  - id: default
    storage: {dir}/zones
    file: "%s.zone"
    zonefile-sync: -1
    semantic-checks: off
zone:
"""

NSD = """\
server:
    ip-address: {address}
    port: 53
    server-count: 1
    username: ""
    chroot: ""
    zonesdir: "{dir}/zones"
    database: ""
    pidfile: ""
    xfrdfile: "{dir}/xfrd.state"
    zonelistfile: "{dir}/zone.list"
    xfrdir: "{dir}"
    hide-version: yes
    rrl-ratelimit: 0
remote-control:
    control-enable: no
"""

BIND = """\
options {{
    directory "{dir}";
    listen-on port {port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    pid-file none;
    session-keyfile none;
    lock-file none;
    recursion no;
    allow-query {{ any; }};
    allow-transfer {{ none; }};
    notify no;
    dnssec-validation no;
    minimal-responses yes;
    check-names master ignore;
}};
controls {{ }};
logging {{ channel out {{ stderr; severity warning; }}; category default {{ out; }}; }};
"""


def prepare(world):
    for name in ("root", "tld", "knot"):
        prepare_knot(world, name)
    prepare_nsd(world)
    prepare_bind(world)
    for name in ("unbound", "plain"):
        prepare_unbound(world, name)
    write(world.path("relay.json"), json.dumps([row for row in world.relays if row], indent=1) + "\n")
    prepare_https(world)


# One file for all of them: names in it are relative to the zone that it is loaded as.
BULK = """\
$TTL 3600
@ SOA ns1.dns-hosting.net. hostmaster.dns-hosting.net. 2026112201 7200 900 1209600 300
@ 86400 NS ns1.dns-hosting.net.
@ 86400 NS ns2.dns-hosting.net.
@ MX 10 mx1.nwtraders.com.
@ TXT "v=spf1 include:nwtraders.com -all"
_dmarc TXT "v=DMARC1; p=none"
@ A {ip9}
www A {ip9}
"""


def bulk_at(world, real, stanza):
    """The configuration of all bulk domains, a stanza each."""
    if world.bulk:
        write(world.path(real, "zones", "every.bulk"), world.fill()(BULK))
    return "".join(stanza.format(zone=f"d{number}.bulk") for number in range(world.bulk))


def zones_at(world, real):
    """[(name, Zone)] with their texts written to REAL/zones."""
    directory = world.path(real, "zones")
    directory.mkdir(mode=0o711, parents=True, exist_ok=True)
    found = []
    for (where, name), (lines, zone) in world.zones.items():
        if where == real:
            write(directory / f"{name or 'root'}.zone", zonetext.whole(name, lines))
            found.append((name, zone))
    return found


def prepare_knot(world, name):
    directory = world.path(name)
    for sub in ("run", "db"):
        (directory / sub).mkdir(mode=0o700, parents=True, exist_ok=True)
    listen = [f"{world.address(one)}@53" for one in [name] + (["knot2"] if name == "knot" else [])]
    text = KNOT.format(listen=", ".join(listen), dir=directory)
    for zone, known in zones_at(world, name):
        text += f"  - domain: {zone}.\n    file: {zone or 'root'}.zone\n"
        text += "    acl: anybody\n" if known and known.axfr else ""
    if name == "knot":
        text += bulk_at(world, name, "  - domain: {zone}.\n    file: every.bulk\n")
    write(directory / "knot.conf", text)


def prepare_nsd(world):
    directory = world.path("nsd")
    text = NSD.format(address=world.address("nsd"), dir=directory)
    for zone, known in zones_at(world, "nsd"):
        text += f'zone:\n    name: "{zone}"\n    zonefile: "{zone}.zone"\n'
        text += "    provide-xfr: 127.0.0.0/8 NOKEY\n" if known.axfr else ""
    text += bulk_at(world, "nsd", 'zone:\n    name: "{zone}"\n    zonefile: "every.bulk"\n')
    write(directory / "nsd.conf", text)


def prepare_bind(world):
    directory = world.path("bind")
    text = BIND.format(port=world.bind_port, dir=directory)
    for zone, known in zones_at(world, "bind"):
        allow = "allow-transfer { any; };" if known.axfr else ""
        text += f'zone "{zone}" {{ type primary; file "zones/{zone}.zone"; check-integrity no; {allow} }};\n'
    write(directory / "named.conf", text)


def prepare_unbound(world, name):
    directory = world.path(name)
    text = UNBOUND.format(address=world.address(name), dir=directory, hints=world.path("root.hints"),
                          anchor=world.path("root.key"))
    if name == "plain":
        text = text.replace('"validator iterator"', '"iterator"').replace("    trust-anchor-file:", "    #")
    write(directory / "unbound.conf", text)


def prepare_https(world):
    """Certificates: one for every host, one for another host, one that has expired."""
    hosts = {}
    for case in world.cases:
        fill = world.fill(case)
        for argument, lines in case.of("https"):
            faults = dict((line[1:].partition(" ")[0], line[1:].partition(" ")[2]) for line in lines
                          if line.startswith("!"))
            body = "".join(f"{fill(line)}\n" for line in lines if not line.startswith("!"))
            hosts[fill(argument)] = {"faults": {key: fill(value) for key, value in faults.items()}, "body": body}
    write(world.path("https.json"), json.dumps(hosts, indent=1) + "\n")
    tls = world.path("tls")
    ca.prepare(world, [])
    names = ",".join(f"DNS:{host}" for host in ["localhost.invalid", *hosts])
    for kind, alternative in (("good", names), ("wrong", "DNS:www.example.org"), ("expired", names)):
        certificate(world, tls / kind, alternative, kind == "expired")


def certificate(world, stem, names, expired):
    """By `openssl ca`, for only that takes dates of one's own choice."""
    base = stem.parent / f"{stem.name}.ca"
    base.mkdir(mode=0o700, exist_ok=True)
    write(base / "index", "")
    write(base / "serial", f"{0x1000 + len(stem.name):X}\n")
    write(base / "ca.cnf", f"[ca]\ndefault_ca=d\n[d]\ndir={base}\ndatabase={base}/index\nserial={base}/serial\n"
                           f"new_certs_dir={base}\ndefault_md=sha256\npolicy=p\ncopy_extensions=none\nunique_subject=no\n"
                           f"[p]\norganizationName=optional\n[x]\nsubjectAltName={names}\nbasicConstraints=CA:FALSE\n"
                           f"extendedKeyUsage=serverAuth\n")
    dates = (-20, -10) if expired else (-1, 30)
    begins, ends = (zonetext.moment(days * 86400).strftime("%Y%m%d%H%M%SZ") for days in dates)
    run(["openssl", "req", "-new", "-key", ca.new_key(f"{stem}.key"), "-subj", "/O=cutover lab", "-out", f"{stem}.csr"])
    run(["openssl", "ca", "-batch", "-notext", "-config", str(base / "ca.cnf"), "-extensions", "x", "-cert",
         str(world.path("ca.pem")), "-keyfile", str(world.path("tls", "ca.key")), "-startdate", begins, "-enddate", ends,
         "-in", f"{stem}.csr", "-out", f"{stem}.pem"])


def commands(world):
    """name -> (argv, probe), in the order in which they are waited for."""
    def knot(name, zone):
        return ([packages.server(world, "knotd"), "-c", str(world.path(name, "knot.conf"))],
                lambda: dnsprobe.authoritative_for(world.address(name), zone))

    def first(real):
        return next(name for where, name in world.zones if where == real)

    def unbound(name):
        return ([packages.server(world, "unbound"), "-d", "-c", str(world.path(name, "unbound.conf"))],
                lambda: dnsprobe.resolves(world.address(name), "dns-hosting.net", "NS", secure=False))

    relays = [row["address"] for row in world.relays if row and not any(f[0] == "silent" for f in row["faults"])]
    table = {"root": knot("root", ""), "tld": knot("tld", first("tld")), "knot": knot("knot", first("knot")),
             "nsd": ([packages.server(world, "nsd"), "-d", "-c", str(world.path("nsd", "nsd.conf"))],
                     lambda: dnsprobe.authoritative_for(world.address("nsd"), first("nsd"))),
             "bind": ([packages.server(world, "named"), "-f", "-4", "-n", "1", "-c", str(world.path("bind", "named.conf"))],
                      lambda: dnsprobe.authoritative_for(world.address("bind"), first("bind"))),
             "relay": ([sys.executable, str(LAB), "--serve", "relay", str(world.path("relay.json"))],
                       lambda: listening(relays)),
             "https": ([sys.executable, str(LAB), "--serve", "https", str(world.dir), world.address("https")],
                       lambda: listening([world.address("https")], 443)),
             "unbound": unbound("unbound"), "plain": unbound("plain")}
    return table


def listening(addresses, port=53):
    """None when the port is taken on each of them (a relay may well have no TCP)."""
    import socket  # noqa: PLC0415
    for address in addresses:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if port == 53 else socket.SOCK_STREAM) as probe:
            try:
                probe.bind((address, port))
                return f"nobody listens on {address}"
            except OSError:
                continue
    return None
