"""The DNS half: four Knots (root, TLD, hosting, primary), an NSD as secondary, a validating Unbound.

Each Knot is a server of its own, so that a walk from the root meets real referrals: a server that had
the parent and the child zone would answer for both at once.
"""

import base64
import subprocess
import time

from . import bind, dnsprobe, packages, powerdns, zones
from .layout import DOMAIN, REGISTRAR_ZONE, TRANSFER_KEY, UPDATE_KEY, LabError, write

KNOT = """\
server:
    listen: {address}@53
    rundir: {dir}/run
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: info
database:
    storage: {dir}/db
    journal-db-max-size: 64M
    kasp-db-max-size: 20M
    timer-db-max-size: 5M
template:
  - id: default
    storage: {dir}/zones
    file: "%s.zone"
"""

# Keys are made by hand with keymgr before the start: the parent needs the DS, the resolver the anchor.
SIGNING = """\
policy:
  - id: lab
    manual: on
    single-type-signing: on
    algorithm: ecdsap256sha256
"""

PRIMARY = """\
key:
  - id: {update}
    algorithm: hmac-sha256
    secret: {update_secret}
  - id: {transfer}
    algorithm: hmac-sha256
    secret: {transfer_secret}
remote:
  - id: secondary
    address: {secondary}@53
    via: {primary}
    key: {transfer}
acl:
  - id: editor
    key: {update}
    action: [update, transfer]
  - id: transfers
    key: {transfer}
    action: transfer
"""

NSD = """\
server:
    ip-address: {address}
    port: 53
    server-count: 1
    username: ""
    chroot: ""
    zonesdir: "{dir}"
    database: ""
    pidfile: ""
    xfrdfile: "{dir}/xfrd.state"
    zonelistfile: "{dir}/zone.list"
    xfrdir: "{dir}"
    logfile: "{log}"
    hide-version: yes
    xfrd-reload-timeout: 0
    rrl-ratelimit: 0
remote-control:
    control-enable: no
key:
    name: "{transfer}"
    algorithm: hmac-sha256
    secret: "{secret}"
"""

# A NOTIFY that got lost is made up for within seconds, whatever the SOA says.
NSD_ZONE = """\
zone:
    name: "{zone}"
    zonefile: "{zone}.zone"
    allow-notify: {primary} {transfer}
    allow-notify: {primary} NOKEY
    request-xfr: AXFR {primary}@53 {transfer}
    max-refresh-time: 3
    max-retry-time: 1
    outgoing-interface: {address}
    provide-xfr: 127.0.0.0/8 {transfer}
"""

# In a lab the servers are on 127/8 and die on purpose: ask there at all, and forgive soon.
UNBOUND = """\
server:
    interface: {address}
    port: 53
    outgoing-interface: {address}
    do-ip6: no
    do-daemonize: no
    username: ""
    chroot: ""
    directory: "{dir}"
    pidfile: ""
    use-syslog: no
    logfile: ""
    verbosity: 1
    num-threads: 1
    access-control: 127.0.0.0/8 allow
    do-not-query-localhost: no
    root-hints: "{hints}"
    trust-anchor-file: "{anchor}"
    auto-trust-anchor-file: ""
    trust-anchor-signaling: no
    root-key-sentinel: no
    module-config: "validator iterator"
    infra-host-ttl: 10
    infra-keep-probing: yes
remote-control:
    control-enable: no
"""


# Who else can be the primary; each has prepare(), command(), gate() and edited().
OTHERS = {"bind": bind, "powerdns": powerdns}


def prepare(lab):
    """Write every configuration, key and zone of the DNS half."""
    secrets = lab.random("tsig")
    for name in (UPDATE_KEY, TRANSFER_KEY):
        secret = base64.b64encode(secrets.randbytes(32)).decode()
        write(lab.path("secrets", name), secret + "\n", 0o600)
        # The form that kdig and knsupdate read with -k.
        write(lab.path("secrets", f"{name}.kdig"), f"hmac-sha256:{name}:{secret}\n", 0o600)
    if OTHERS.get(lab.options["primary"]):
        OTHERS[lab.options["primary"]].prepare(lab)
    else:
        prepare_primary(lab)
    prepare_knot(lab, "tld", {"com": zones.tld(lab) + ds_of_domain(lab)}, signed=True)
    keymgr(lab, "tld", "com.", "generate", "algorithm=ECDSAP256SHA256", "ksk=yes", "zsk=yes")
    ds = next(line for line in keymgr(lab, "tld", "com.", "ds").splitlines() if " 13 2 " in line)
    prepare_knot(lab, "root", {"": zones.root(lab, ds)}, signed=True)
    keymgr(lab, "root", ".", "generate", "algorithm=ECDSAP256SHA256", "ksk=yes", "zsk=yes")
    write(lab.path("root.key"), keymgr(lab, "root", ".", "dnskey").strip().replace(". DNSKEY", ". 86400 IN DNSKEY", 1)
          + "\n")
    write(lab.path("root.hints"), f". 3600000 IN NS a.root-servers.net.\n"
                                  f"a.root-servers.net. 3600000 IN A {lab.address('root')}\n")
    prepare_knot(lab, "hosting", {"nwtraders.com": zones.old_provider(lab), "outlook.com": zones.new_provider(lab),
                                  "office365.com": zones.new_clients(lab)})
    prepare_secondary(lab)
    directory = lab.path("resolver")
    write(directory / "unbound.conf", UNBOUND.format(address=lab.address("resolver"), dir=directory,
                                                     hints=lab.path("root.hints"), anchor=lab.path("root.key")))


def ds_of_domain(lab):
    """A line for the parent zone, and the key that it is of; none for a domain that is not signed."""
    if not lab.options.get("signed"):
        return ""
    keymgr(lab, "primary", f"{DOMAIN}.", "generate", "algorithm=ECDSAP256SHA256", "ksk=yes", "zsk=yes")
    words = next(line for line in keymgr(lab, "primary", f"{DOMAIN}.", "ds").splitlines() if " 13 2 " in line).split()
    return f"{DOMAIN}. 3600 DS {' '.join(words[words.index('DS') + 1:])}\n"


def prepare_knot(lab, name, texts, signed=(), extra="", zone_lines=""):
    directory = lab.path(name)
    for sub in ("run", "db", "zones"):
        (directory / sub).mkdir(mode=0o700, parents=True, exist_ok=True)
    config = KNOT.format(address=lab.address(name), dir=directory) + (SIGNING if signed else "") + extra + "zone:\n"
    for zone, text in texts.items():
        config += f"  - domain: {zone}.\n    file: {zone or 'root'}.zone\n{zone_lines}"
        if signed is True or zone in signed:
            config += "    dnssec-signing: on\n    dnssec-policy: lab\n"
            config += "" if zone_lines else "    zonefile-sync: -1\n    zonefile-load: whole\n"
        write(directory / "zones" / f"{zone or 'root'}.zone", text)
    write(directory / "knot.conf", config, 0o600)


def prepare_primary(lab):
    extra = PRIMARY.format(update=UPDATE_KEY, transfer=TRANSFER_KEY, update_secret=lab.secret(UPDATE_KEY),
                           transfer_secret=lab.secret(TRANSFER_KEY), secondary=lab.address("secondary"),
                           primary=lab.address("primary"))
    lines = ("    notify: secondary\n    acl: [editor, transfers]\n    serial-policy: increment\n"
             "    zonefile-sync: 0\n    zonefile-load: whole\n")
    if lab.options.get("signed"):  # what it signs goes to its journal, and the file stays as it was written
        lines = lines.replace("zonefile-sync: 0", "zonefile-sync: -1").replace("load: whole", "load: difference-no-serial\n    journal-content: all")
    prepare_knot(lab, "primary", {DOMAIN: zones.domain(lab), REGISTRAR_ZONE: zones.registrar(lab)},
                 extra=extra, zone_lines=lines, signed=(DOMAIN,) if lab.options.get("signed") else ())


def prepare_secondary(lab):
    directory = lab.path("secondary")
    text = NSD.format(address=lab.address("secondary"), dir=directory, log=lab.path("log", "secondary.log"),
                      transfer=TRANSFER_KEY, secret=lab.secret(TRANSFER_KEY))
    for zone in (DOMAIN, REGISTRAR_ZONE):
        text += NSD_ZONE.format(zone=zone, primary=lab.address("primary"), transfer=TRANSFER_KEY,
                                address=lab.address("secondary"))
    write(directory / "nsd.conf", text, 0o600)


def keymgr(lab, server, *words):
    return run(["keymgr", "-c", str(lab.path(server, "knot.conf")), *words])


def run(argv, stdin=None):
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"'{argv[0]}' failed: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def commands(lab):
    """name -> (argv, probe) of each server, in the order in which they start."""
    def knot(name, zone):
        return ([packages.server(lab, "knotd"), "-c", str(lab.path(name, "knot.conf"))],
                lambda: dnsprobe.authoritative_for(lab.address(name), zone))

    def secondary_probe():
        for zone in (REGISTRAR_ZONE, DOMAIN):
            reason = dnsprobe.authoritative_for(lab.address("secondary"), zone)
            if reason:
                return reason
        return None

    def resolver_probe():
        return (dnsprobe.resolves(lab.address("resolver"), "com", "DNSKEY", secure=True)
                or dnsprobe.resolves(lab.address("resolver"), DOMAIN, "NS", secure=bool(lab.options.get("signed"))))

    primary = knot("primary", DOMAIN)
    other = OTHERS.get(lab.options["primary"])
    return {
        "root": knot("root", ""),
        "tld": knot("tld", "com"),
        "hosting": knot("hosting", "office365.com"),
        "primary": (other.command(lab), primary[1]) if other else primary,
        **({"gate": (other.gate(lab), primary[1])} if other else {}),
        "secondary": ([packages.server(lab, "nsd"), "-d", "-c", str(lab.path("secondary", "nsd.conf"))], secondary_probe),
        "resolver": ([packages.server(lab, "unbound"), "-d", "-c", str(lab.path("resolver", "unbound.conf"))], resolver_probe),
    }


def transfer(lab, server):
    """The zone of the domain as that server has it: sorted master-file lines."""
    ask = ["kdig", f"@{lab.address(server)}", "-k", str(lab.path("secrets", f"{TRANSFER_KEY}.kdig")),
           "-t", "AXFR", f"{DOMAIN}.", "+noall", "+answer", "+retry=0", "+time=30"]
    text = persistently(ask)
    lines = {" ".join(line.strip().split(None, 4)) for line in text.splitlines() if line and not line.startswith(";")}
    if not any(line.split()[3] == "SOA" for line in lines):
        raise LabError(f"'{server}' does not hand over the zone {DOMAIN}: {text.strip()[:200]}")
    return sorted(line for line in lines if line.split()[3] != "TSIG")


def persistently(argv, seconds=20):
    """Run it until it does well: kdig does not repeat a transfer, and a server that loads the zone may drop the connection."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return run(argv)
        except LabError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def update(lab, script):
    """Edit the zone as somebody else would: the lines of an nsupdate script, signed with the editor's key."""
    text = f"server {lab.address('primary')} 53\nzone {DOMAIN}.\n{script.rstrip()}\nsend\n"
    return run(["knsupdate", "-k", str(lab.path("secrets", f"{UPDATE_KEY}.kdig")), "-v", "-t", "60"], stdin=text)


def edited(lab):
    """(owner, type) of each record that was ever written to or removed from the domain's zone, in order: by the primary's
    own journal, not by comparing zones, so that what came and went is in it too."""
    other = OTHERS.get(lab.options["primary"])
    return [pair for pair in (other.edited(lab) if other else journal(lab)) if pair[1] != "SOA"]


def journal(lab):
    """Knot's: `owner TTL type …` below the comments that tell the versions."""
    path = lab.path("primary", "db", "journal")
    text = run(["kjournalprint", str(path), f"{DOMAIN}."]) if path.exists() else ""
    rows = [line.split() for line in text.splitlines() if line and not line.startswith(";")]
    return [(row[0].rstrip(".").lower(), row[2]) for row in rows if len(row) > 3]
