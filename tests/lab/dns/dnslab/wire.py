"""Just enough of RFC 1035's wire format to spoil a packet on purpose."""

import socket
import struct

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33, "DS": 43,
         "DNSKEY": 48, "TLSA": 52, "SPF": 99, "CAA": 257}
NAMES = {number: name for name, number in TYPES.items()}
OPT = 41
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, REFUSED = 0, 1, 2, 3, 5
QR, AA, TC, RD, RA = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080


class Packet:
    """A packet with its records as positions in it; what is changed is changed in place, so pointers stay right."""

    def __init__(self, raw):
        self.raw = bytearray(raw)
        self.id, self.flags, questions, *self.counts = struct.unpack_from("!6H", raw)
        if questions != 1:
            raise ValueError("not one question")
        self.name, at = read_name(raw, 12)
        self.type, self.klass = struct.unpack_from("!2H", raw, at)
        self.question_end = at + 4
        self.records = []  # (section, start, type, position of the TTL, end)
        at = self.question_end
        for section, count in enumerate(self.counts):
            for _ in range(count):
                start = at
                _, at = read_name(raw, at)
                kind, _, _, length = struct.unpack_from("!HHIH", raw, at)
                self.records.append((section, start, kind, at + 4, at + 10 + length))
                at += 10 + length

    @property
    def rcode(self):
        return self.flags & 15

    @property
    def has_opt(self):
        return any(kind == OPT for _, _, kind, _, _ in self.records)

    def set_flags(self, flags):
        self.flags = flags
        struct.pack_into("!H", self.raw, 2, flags)

    def question(self):
        return bytes(self.raw[12:self.question_end])

    def of(self, section, kind=None):
        return [record for record in self.records if record[0] == section and kind in (None, record[2])]

    def cut_to_question(self, flags, keep_opt=True):
        """The packet with no answer at all; an OPT (it has no pointers) may stay."""
        opt = b"".join(bytes(self.raw[start:end]) for _, start, kind, _, end in self.records if kind == OPT and keep_opt)
        return struct.pack("!6H", self.id, flags, 1, 0, 0, 1 if opt else 0) + self.question() + opt


def read_name(raw, at):
    """(labels joined by dots, in the case that they came in; position behind it)."""
    labels, behind, jumps = [], None, 0
    while raw[at]:
        length = raw[at]
        if length >= 0xC0:
            behind = behind or at + 2
            at = (length & 0x3F) << 8 | raw[at + 1]
            jumps += 1
            if jumps > 40:
                raise ValueError("pointers in a circle")
            continue
        labels.append(bytes(raw[at + 1:at + 1 + length]).decode("latin-1"))
        at += 1 + length
    return ".".join(labels), behind or at + 1


def name_bytes(name):
    raw = b""
    for label in [part for part in name.rstrip(".").split(".") if part]:
        raw += bytes([len(label)]) + label.encode("latin-1")
    return raw + b"\0"


def rdata_bytes(kind, words):
    """Record data from the words of a master file; TXT strings carry no quotes any more."""
    if kind == "A":
        return socket.inet_aton(words[0])
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, words[0])
    if kind == "MX":
        return struct.pack("!H", int(words[0])) + name_bytes(words[1])
    if kind == "TXT":
        return b"".join(bytes([len(word)]) + word.encode() for word in words)
    if kind in ("CNAME", "NS", "PTR"):
        return name_bytes(words[0])
    if kind == "SOA":
        return name_bytes(words[0]) + name_bytes(words[1]) + struct.pack("!5I", *map(int, words[2:7]))
    raise ValueError(f"cannot write the record type {kind}")


def record_bytes(name, kind, ttl, words):
    data = rdata_bytes(kind, words)
    return name_bytes(name) + struct.pack("!HHIH", TYPES[kind], 1, ttl, len(data)) + data


def opt_bytes(ede=None):
    options = b"" if ede is None else struct.pack("!HHH", 15, 2, ede)
    return b"\0" + struct.pack("!HHIH", OPT, 1232, 0, len(options)) + options


def answer(query, flags, sections, opt=None):
    """A packet to `query` (a Packet) with these sections, each a list of record_bytes()."""
    extra = list(sections[2]) + ([opt] if opt and query.has_opt else [])
    counts = [len(sections[0]), len(sections[1]), len(extra)]
    return (struct.pack("!6H", query.id, QR | flags | query.flags & RD, 1, *counts) + query.question()
            + b"".join(sections[0] + sections[1] + extra))


def query_bytes(number, name, kind, flags=0):
    return struct.pack("!6H", number, flags, 1, 0, 0, 0) + name_bytes(name) + struct.pack("!2H", TYPES[kind], 1)
