#!/usr/bin/env python3
"""Compares two states of a zone record by record, TTLs included; only the SOA serial may differ.

    zone_compare.py BEFORE AFTER      files of master-file lines, such as `lab zone primary` prints

Prints one line for each record that is gone, new or has another TTL. Exit 0 when there is none, 2 when a
file holds no zone (an empty answer must never pass for an unchanged zone).
"""

import sys
from typing import NamedTuple


class Record(NamedTuple):
    owner: str
    rrtype: str
    rdata: str


class NotAZone(Exception):
    """The text is not a whole zone."""


def parse(text):
    """{Record: ttl}; owners in lower case, the serial of the SOA left out."""
    zone = {}
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith(";"):
            continue
        fields = line.split(None, 4)
        if len(fields) != 5 or not fields[1].isdigit() or fields[2].upper() != "IN":
            raise NotAZone(f"not a record: {line}")
        owner, ttl, _, rrtype, rdata = fields
        record = Record(owner.lower(), rrtype.upper(), without_serial(rrtype, " ".join(rdata.split(" "))))
        if zone.setdefault(record, int(ttl)) != int(ttl):
            raise NotAZone(f"one record with two TTLs: {line}")
    if not any(record.rrtype == "SOA" for record in zone):
        raise NotAZone("there is no SOA record")
    return zone


def without_serial(rrtype, rdata):
    if rrtype.upper() != "SOA":
        return rdata
    fields = rdata.split()
    return " ".join(fields[:2] + ["(serial)"] + fields[3:])


def differences(before, after):
    """Sentences, sorted by owner."""
    found = []
    for record in sorted(before.keys() | after.keys()):
        shown = f"{record.owner} {record.rrtype} {record.rdata}"
        if record not in after:
            found.append(f"gone: {shown} (TTL {before[record]})")
        elif record not in before:
            found.append(f"new: {shown} (TTL {after[record]})")
        elif before[record] != after[record]:
            found.append(f"TTL: {shown}: {before[record]} became {after[record]}")
    return found


def main(argv):
    if len(argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        zones = []
        for path in argv:
            with open(path, encoding="utf-8") as file:
                zones.append(parse(file.read()))
    except (NotAZone, OSError) as error:
        print(f"zone_compare: {error}", file=sys.stderr)
        return 2
    found = differences(*zones)
    print("\n".join(found) or f"the same {len(zones[0])} records")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
