"""Reads the case files (tests/lab/dns/cases): what a zone and its servers are like, and what must be said of it.

docs/lab.md describes the format. A mistake in a case is a LabError that names the file and the line.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from labkit.layout import LabError

from .relay import FAULTS

HEADERS = {"sign-knot", "sign-nsd", "sign-bind", "apex", "domain", "phase", "ns", "sign", "ds", "resolvers", "before", "axfr", "args", "stdin", "alone"}
SECTIONS = {"zone", "at", "after-signing", "parent", "held", "in", "project", "https", "expect"}
REAL = ("knot", "knot2", "nsd", "bind")
# One word for what stands in nearly every zone.
SHORT = {"%mx": ["@ MX 10 mx1.nwtraders.com."], "%spf": ['@ TXT "v=spf1 include:nwtraders.com -all"'],
         "%dmarc": ['_dmarc TXT "v=DMARC1; p=none"'], "%a": ["@ A {ip9}", "www A {ip9}"]}
SHORT["%usual"] = [line for key in ("%mx", "%spf", "%dmarc", "%a") for line in SHORT[key]]
SHORT["%many-ns"] = [f"@ NS n{number}.many.{{d}}." for number in range(1000)] + ["*.many A {knot}"]
# The same for project files: a move to Microsoft 365, and to a provider that no preset knows.
PROJECTS = {
    "%m365": """\
target:
  provider: microsoft365
  mx: [ { preference: 0, host: {key}.mail.protection.outlook.com } ]
source:
  mx: [ mx1.nwtraders.com ]
  spf: include:nwtraders.com""",
    "%generic": """\
target:
  provider: generic
  mx: [ { preference: 10, host: mx.fabrikam.com } ]
  spf: include:fabrikam.com
source:
  imap: imaps://imap.nwtraders.com
  mx: [ mx1.nwtraders.com ]
  spf: include:nwtraders.com""",
    "%token": 'ownership: { name: "@", txt: "MS=ms87257449" }',
}
SEVERITIES = ("info", "warning", "blocker")


@dataclass
class Server:
    """One name server of a zone: `ns1.example.org=nsd+no-soa+delay:1200`."""

    name: str | None      # None: the world gives it one
    real: str             # knot, nsd, bind; or nothing, unresolvable, alias
    faults: list = field(default_factory=list)


@dataclass
class Zone:
    name: str
    lines: list
    servers: list
    sign: list = field(default_factory=list)
    ds: str | None = None
    axfr: bool = False
    case: object = None
    at: dict = field(default_factory=dict)      # server word -> edits before signing
    after: dict = field(default_factory=dict)   # "" or server word -> edits of the signed text
    sign_at: dict = field(default_factory=dict)  # server word -> other signing than the zone's
    parent: list | None = None                  # the delegation when it is not the usual one


@dataclass
class Case:
    name: str
    path: Path
    head: dict
    sections: list        # [(word, argument, lines)]

    @property
    def domain(self):
        return self.head.get("domain", f"{self.name}.org")

    @property
    def apex(self):
        """The name of the zone that holds the domain: usually the domain itself."""
        return self.head.get("apex", self.domain)

    @property
    def phase(self):
        return self.head.get("phase", "audit")

    def of(self, word):
        return [(argument, lines) for key, argument, lines in self.sections if key == word]

    def text(self, word):
        return "".join(f"{PROJECTS.get(line, line)}\n" for _, lines in self.of(word) for line in lines)

    def expectations(self):
        return [parse_expectation(self, line) for _, lines in self.of("expect") for line in lines]


def load(path):
    head, sections, lines = {}, [], None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.rstrip()
        opened = re.fullmatch(r"\[([a-z-]+)(?: (\S+))?\]", line)
        if opened:
            if opened[1] not in SECTIONS:
                raise LabError(f"{path}:{number}: there is no section '{opened[1]}'")
            lines = []
            sections.append((opened[1], opened[2] or "", lines))
        elif not line or line.startswith("#"):
            continue
        elif lines is not None:
            lines.append(line)
        else:
            key, _, value = line.partition(":")
            if key not in HEADERS:
                raise LabError(f"{path}:{number}: there is no key '{key}'\nhint: one of {', '.join(sorted(HEADERS))}")
            head[key] = value.strip()
    case = Case(path.stem, path, head, sections)
    case.expectations()
    return case


def load_all(directory, patterns=()):
    paths = [path for path in sorted(directory.glob("*.case"))
             if not patterns or any(pattern in path.stem for pattern in patterns)]
    return [load(path) for path in paths]


def parse_expectation(case, line):
    """("finding", check, severity, glob) | ("not", check) | ("fact", name, low, high) | ("ready", bool) |
    ("may", check): it may be said or not, for whatever reason the case's comment gives."""
    words = line.split()
    if words[0] in ("not", "may") and len(words) == 2:
        return tuple(words)
    if words[0] == "ready" and words[1:] in (["yes"], ["no"]):
        return "ready", words[1] == "yes"
    if words[0] == "exit" and len(words) == 2:
        return "exit", int(words[1])
    if words[0] == "fact" and len(words) == 3:
        low, _, high = words[2].partition("..")
        return "fact", words[1], int(low), int(high or low)
    if len(words) in (2, 3) and words[1] in SEVERITIES:
        return "finding", words[0], words[1], words[2] if len(words) == 3 else "*"
    if len(words) > 3 and words[1] in SEVERITIES:
        return "finding", words[0], words[1], " ".join(words[2:])
    raise LabError(f"{case.path}: not an expectation: '{line}'")


def servers_of(text, where):
    found = []
    for word in text.split():
        name, _, spec = word.rpartition("=") if is_named(word) else ("", "", word)
        real, *faults = spec.split("+")
        if real not in (*REAL, "nothing", "unresolvable", "alias", "unbound", "plain"):
            raise LabError(f"{where}: there is no server '{real}'")
        pairs = [[fault.partition(":")[0], fault.partition(":")[2] or None] for fault in faults]
        unknown = [fault for fault, _ in pairs if fault not in FAULTS]
        if unknown:
            raise LabError(f"{where}: there is no fault '{unknown[0]}'\nhint: one of {', '.join(sorted(FAULTS))}")
        found.append(Server(name or None, real, pairs))
    return found


def is_named(word):
    """`mixed-ttl:MX=7200` has an equals sign too, but behind a plus."""
    return "=" in word.split("+")[0]


def zones_of(case, fill):
    """The zones that a case brings, the domain's own first. `fill` puts values for {…} in a text."""
    servers = servers_of(fill(case.head.get("ns", "knot nsd")), case.path)
    main = Zone(case.apex, [], servers, case.head.get("sign", "").split(), case.head.get("ds"),
                case.head.get("axfr") == "yes", case)
    main.sign_at = {key[5:]: value.split() if value != "no" else [] for key, value in case.head.items()
                    if key.startswith("sign-")}
    zones = [main]
    for argument, lines in case.of("zone"):
        lines = [fill(line) for short in lines for line in SHORT.get(short, [short])]
        if not argument:
            main.lines += lines
            continue
        options = dict(line[1:].split(": ", 1) for line in lines if line.startswith("!"))
        other = Zone(fill(argument), [line for line in lines if not line.startswith("!")],
                     servers_of(options["ns"], case.path) if "ns" in options else servers,
                     options.get("sign", "").split(), options.get("ds"), False, case)
        zones.append(other)
    by_name = {zone.name: zone for zone in zones}
    for word in ("at", "after-signing"):
        for argument, lines in case.of(word):
            table = main.at if word == "at" else main.after
            table.setdefault(argument, []).extend(fill(line) for line in lines)
    for argument, lines in case.of("parent"):
        by_name[fill(argument) or main.name].parent = [fill(line) for line in lines if line != "none"]
    return zones
