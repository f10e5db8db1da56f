"""The world: which address is whose, every zone at every server, every configuration. Written once, then started.

Addresses are those of one 127.A.B.0/20. All servers are on port 53, the real one: a resolver follows referrals
there only, and other programs (zonemaster, dnsviz) can look at the same zones.
"""

import concurrent.futures
import json
import os
import random
import shutil
from pathlib import Path

from labkit import dnsprobe, layout, packages, process
from labkit.layout import LabError, write

from . import case as cases
from . import servers, zonetext
from .case import Zone
from .sign import Signer

HERE = Path(__file__).resolve().parent.parent
REAL_ADDRESS = {"root": (0, 1), "tld": (0, 2), "knot": (1, 1), "knot2": (1, 2), "nsd": (2, 1), "bind": (3, 1), "unbound": (4, 1),
                "plain": (4, 2), "https": (5, 1)}
NS_NAME = {"knot2": "ns4.dns-hosting.net", "knot": "ns1.dns-hosting.net", "nsd": "ns2.dns-hosting.net", "bind": "ns3.dns-hosting.net"}
FIRST_RELAY, RELAY_NETS = 6, 6
RESERVED = 15, 254  # holds the network while it is taken
PROGRAMS = {"dnssec-signzone": "bind9-utils", "named": "bind9", "knotd": "knot", "nsd": "nsd", "unbound": "unbound",
            "openssl": "openssl"}
TLD_SIGNING = {"org": ["ecdsa", "optout"], "bulk": ["ecdsa", "optout"], "com": ["ecdsa"]}
TLD_USUAL = ["rsa", "nsec3"]


class World:
    """One running world in a directory; the functions of labkit.process take it for a lab."""

    def __init__(self, directory, net, third, bind_port):
        self.dir, self.net, self.third, self.bind_port = Path(directory), net, third, bind_port
        self.bulk = 0  # so many domains dN.bulk, alike and healthy, at Knot and NSD
        self.cases, self.zones, self.relays, self.resolvers = [], {}, [], {}

    def path(self, *parts):
        return self.dir.joinpath(*parts)

    def at(self, block, last):
        return f"{self.net}.{self.third + block}.{last}"

    def address(self, name):
        return self.at(*REAL_ADDRESS[name])

    def upstream(self, name):
        """Where a relay asks. BIND listens on addresses of interfaces only, which those of 127/8 but one are not;
        so it has a port of its own on that one, and a relay without faults at the address that others see."""
        return ("127.0.0.1", self.bind_port) if name == "bind" else (self.address(name), 53)

    @property
    def network(self):
        return f"{self.net}.{self.third}.0/20"

    def values(self, case=None):
        """What stands for {…} in texts."""
        known = {name: self.address(name) for name in REAL_ADDRESS} | {"net": self.network, "dir": str(self.dir)}
        # Hosts of the zones: addresses that look public, for an audit without a project file; nobody ever talks to them.
        known |= {f"ip{number}": f"44.128.{number}.25" for number in range(1, 10)}
        if case:
            known |= {"d": case.domain, "case": case.name, "key": case.domain.replace(".", "-")}
        return known

    def fill(self, case=None):
        return zonetext.filler(self.values(case))


def create(directory, patterns=(), bulk=0):
    """Everything written, nothing started: the cases whose names contain one of `patterns`, and `bulk` domains."""
    missing = sorted({package for program, package in PROGRAMS.items() if not packages.shutil.which(program)})
    if missing:
        raise LabError(f"these packages are missing: {' '.join(missing)}\nhint: apt install {' '.join(missing)}")
    directory = Path(os.path.abspath(directory))
    layout.refuse_closed(directory)
    directory.mkdir(mode=0o711, parents=True, exist_ok=True)
    directory.chmod(0o711)
    world = World(directory, *free_network(), layout.free_port())
    for sub in ("log", "run", "tls", "flags"):
        world.path(sub).mkdir(mode=0o711, exist_ok=True)
    world.bulk = bulk
    world.cases = cases.load_all(HERE / "cases", patterns)
    write(world.path("state.json"), json.dumps({"net": world.net, "third": world.third, "bind_port": world.bind_port}) + "\n")
    try:
        gather(world)
        servers.prepare(world)
    except BaseException:
        shutil.rmtree(world.dir)
        raise
    return world


def load(directory):
    saved = json.loads((Path(directory) / "state.json").read_text())
    return World(directory, saved["net"], saved["third"], saved["bind_port"])


def free_network():
    choice = random.SystemRandom()
    for _ in range(40):
        net, third = f"127.{choice.randint(2, 15)}", 16 * choice.randint(0, 15)
        if layout.reserve(f"{net}.{third + RESERVED[0]}.{RESERVED[1]}") and all(layout.bindable(f"{net}.{third + block}.{last}", 53) for block, last in REAL_ADDRESS.values()):
            return net, third
    raise LabError("found no free addresses in 127.0.0.0/8 with port 53\nhint: `ss -ltnu` tells who listens")


def gather(world):
    """All zones with complete lines, signed where they are, in world.zones: (server, name) -> lines."""
    signer = Signer(world)
    zones = world_zones(world)
    for case in world.cases:
        zones += cases.zones_of(case, world.fill(case))
    by_name = {}
    for zone in zones:
        if zone.name in by_name:
            raise LabError(f"the zone {zone.name} is there twice: {by_name[zone.name].case} and {zone.case}")
        by_name[zone.name] = zone
    for case in world.cases:
        for name, lines in case.of("in"):
            by_name[name].lines += [world.fill(case)(line) for line in lines]
        add_resolvers(world, case)
    world.relays.append({"address": world.address("bind"), "upstream": world.upstream("bind"), "apex": "", "faults": [],
                         "held": [], "resolver": False, "foreign": "", "flags": ""})
    for zone in zones:
        place_servers(world, zone, by_name)
    tlds = top_level(world, zones)
    for zone in zones:
        delegate(world, signer, zone, by_name, tlds)
    sign_all(world, signer, zones)
    sign_top(world, signer, tlds)


def world_zones(world):
    """tests/lab/dns/world/NAME.zone: the providers and hosts that cases refer to."""
    found = [Zone("broken-hosting.net", [], cases.servers_of("ns1.broken-hosting.net=knot", "world"))]
    for path in sorted((HERE / "world").glob("*.zone")):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        options = dict(line[2:].split(": ", 1) for line in lines if line.startswith(("; ns: ", "; sign: ")))
        lines = [world.fill()(line) for line in lines if not line.startswith(";")]
        found.append(Zone(path.stem, lines, cases.servers_of(options.get("ns", "knot nsd"), path),
                          options.get("sign", "").split()))
    return found


def place_servers(world, zone, by_name):
    """Give every server of the zone its name and address; a relay where it has faults."""
    for number, server in enumerate(zone.servers, 1):
        named = server.name
        if server.real in NS_NAME and not server.faults:
            server.address = world.address(server.real)
            server.name = named or NS_NAME[server.real]
        elif server.real in NS_NAME:
            server.address = add_relay(world, server, zone)
        elif server.real == "nothing":
            server.address = relay_address(world)
        else:
            server.address = None
        if server.name is None:
            tag = zone.case.name if zone.case and zone.name == zone.case.domain else zone.name.replace(".", "-")
            server.name = f"s{number}.{tag}.broken-hosting.net"
            home = by_name["broken-hosting.net"]
            if server.address:
                home.lines.append(f"{server.name}. A {server.address}")
            elif server.real == "alias":
                home.lines.append(f"{server.name}. CNAME ns1.dns-hosting.net.")


def relay_address(world):
    number = len(world.relays)
    world.relays.append(None)
    return world.at(FIRST_RELAY + number % RELAY_NETS, 1 + number // RELAY_NETS)


def add_relay(world, server, zone, resolver=False):
    address = relay_address(world)
    held = []
    for fault, argument in server.faults:
        if fault in ("holds", "later"):
            held += held_records(world, zone.case, argument, zone.case.name if fault == "later" else None)
    world.relays[-1] = {"address": address, "upstream": world.upstream(server.real), "apex": zone.name,
                        "faults": server.faults, "held": held, "resolver": resolver,
                        "foreign": world.address("plain"), "flags": str(world.path("flags"))}
    return address


def held_records(world, case, name, flag):
    """`[held NAME]`: OWNER TTL TYPE WORDS, or OWNER TTL TYPE NXDOMAIN|NODATA|SERVFAIL; a line `ede N` first."""
    fill, found, ede = world.fill(case), [], None
    for argument, lines in case.of("held"):
        for line in lines if argument == name else []:
            if line.startswith("ede "):
                ede = int(line[4:])
                continue
            owner, ttl, kind, rest = fill(line).split(None, 3)
            owner = case.domain if owner == "@" else owner[:-1] if owner.endswith(".") else f"{owner}.{case.domain}"
            words = [part for part in rest.split('"') if part.strip()] if '"' in rest else rest.split()
            found.append({"name": owner.lower(), "type": kind, "ttl": int(ttl), "words": words, "ede": ede,
                          "flag": flag})
    if not found:
        raise LabError(f"{case.path}: there is no section [held {name}]")
    return found


def add_resolvers(world, case):
    """`resolvers: unbound plain+silent`: addresses for the project file."""
    listed = []
    stand_in = Zone(case.domain, [], [], case=case)
    for server in cases.servers_of(case.head.get("resolvers", "unbound"), case.path):
        listed.append(add_relay(world, server, stand_in, resolver=True) if server.faults
                      else world.address(server.real))
    world.resolvers[case.name] = listed


def top_level(world, zones):
    """name -> Zone of every top-level domain that is needed, and the root."""
    names = {zone.name.rpartition(".")[2] for zone in zones if zone.parent is None or zone.parent}
    tlds = {name: Zone(name, [*zonetext.head(name, "ns.nic." + name, minimum=900), f"{name}. 172800 NS ns.nic.{name}.",
                              f"ns.nic.{name}. 172800 A {world.address('tld')}"], [],
                       TLD_SIGNING.get(name, TLD_USUAL)) for name in sorted(names)}
    if world.bulk:
        tlds["bulk"] = bulk_zone(world)
    return tlds


def bulk_zone(world):
    lines = [*zonetext.head("bulk", "ns.nic.bulk", minimum=900), "bulk. 172800 NS ns.nic.bulk.",
             f"ns.nic.bulk. 172800 A {world.address('tld')}"]
    for number in range(world.bulk):
        lines += [f"d{number}.bulk. 86400 NS ns1.dns-hosting.net.", f"d{number}.bulk. 86400 NS ns2.dns-hosting.net."]
    return Zone("bulk", lines, [], TLD_SIGNING["bulk"])


def delegate(world, signer, zone, by_name, tlds):
    """The zone's own NS, and its delegation in the zone above."""
    inside = [server for server in zone.servers if server.name.endswith("." + zone.name)]
    ns = [f"{zone.name}. 86400 NS {server.name}." for server in zone.servers]
    glue = [f"{server.name}. 86400 A {server.address}" for server in inside if server.address]
    records = [zonetext.split_record(line, zone.name) for line in zone.lines]
    kinds = {(record[0], record[1]) for record in records if record}
    if (f"{zone.name}.", "SOA") not in kinds:
        zone.lines[:0] = zonetext.head(zone.name, zone.servers[0].name)
    if (f"{zone.name}.", "NS") not in kinds:
        zone.lines += ns + [line for line in glue if (line.split()[0], "A") not in kinds]
    above = zone.name.partition(".")[2]
    while above not in by_name and above not in tlds:
        above = above.partition(".")[2]
        if not above:
            return  # a case without a delegation, in a top-level domain that is not there
    parent = tlds.get(above) or by_name[above]
    if zone.parent is None or any(line.startswith("+") for line in zone.parent):
        parent.lines += ns + glue + [line[1:].strip() for line in zone.parent or []]
    else:
        parent.lines += zone.parent
        if not zone.parent:
            return
    wanted = zone.ds or ("yes" if zone.sign else "no")
    if wanted != "no":
        algorithm = next((word for word in zone.sign if word in ("ecdsa", "ecdsa384", "ed25519", "rsa", "rsa512",
                                                                  "rsa1", "rsa1n3")), "ecdsa")
        parent.lines.append(signer.ds(zone.name, algorithm, wrong=wanted == "wrong"))


def sign_all(world, signer, zones):
    """Each zone at each of its real servers, signed side by side."""
    jobs = []
    for zone in zones:
        reals = {"knot" if server.real == "knot2" else server.real for server in zone.servers if server.real in NS_NAME}
        same = not zone.at and not zone.after and not zone.sign_at
        for real in sorted(reals):
            jobs.append((zone, real if not same else None, sorted(reals) if same else [real]))
            if same:
                break
    with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
        for (zone, _, reals), lines in zip(jobs, pool.map(lambda job: finished(signer, *job[:2]), jobs)):
            for real in reals:
                world.zones[real, zone.name] = (lines, zone)


def finished(signer, zone, real):
    lines = zonetext.edited(zone.lines, zone.at.get(real, []), zone.name)
    words = zone.sign_at.get(real, zone.sign)
    if words:
        lines = signer.sign(zone.name, lines, words, f"{zone.name}.{real or 'all'}")
    for edits in (zone.after.get("", []), zone.after.get(real, [])):
        lines = zonetext.edited(lines, edits, zone.name)
    return lines


def sign_top(world, signer, tlds):
    root = [*zonetext.head("", "a.root-servers.net"), ". 518400 NS a.root-servers.net.",
            f"a.root-servers.net. 518400 A {world.address('root')}"]
    for tld in tlds.values():
        ns = f"ns.nic.{tld.name}"
        root += [f"{tld.name}. 172800 NS {ns}.", f"{ns}. 172800 A {world.address('tld')}",
                 signer.ds(tld.name, next(iter(tld.sign)))]
        world.zones["tld", tld.name] = (signer.sign(tld.name, tld.lines, tld.sign, f"tld.{tld.name}"), tld)
    world.zones["root", ""] = (signer.sign("", root, ["ecdsa"], "root"), None)
    write(world.path("root.key"), signer.dnskey("", "ecdsa") + "\n")
    write(world.path("root.hints"), f". 3600000 IN NS a.root-servers.net.\n"
                                    f"a.root-servers.net. 3600000 IN A {world.address('root')}\n")


def bring_up(world):
    """All at once, then one after the other is waited for; at last every zone at every server, for a server that answers for
    one may still be loading the next."""
    table = servers.commands(world)
    children = {name: process.start(world, name, argv) for name, (argv, _) in table.items()}
    for name, (_, probe) in table.items():
        process.wait_ready(world, name, probe, children[name])
    bulk = [(real, f"d{number}.bulk") for real in ("knot", "nsd") for number in range(world.bulk)]
    for real, name in [*world.zones, *bulk]:
        process.wait_for(world, real, lambda real=real, name=name: dnsprobe.authoritative_for(world.address(real), name), children[real])
    world.path("ready").touch()


def take_down(world):
    for name in servers.NAMES:
        process.stop(world, name)


def remove(world):
    """Down, and its directory too."""
    take_down(world)
    shutil.rmtree(world.dir, ignore_errors=True)
