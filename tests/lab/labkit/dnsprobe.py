"""One DNS question, enough to see that a server answers: no resolver library, no system settings."""

import os
import socket
import struct

TYPES = {"A": 1, "NS": 2, "SOA": 6, "MX": 15, "TXT": 16, "DNSKEY": 48}


class Reply:
    """The header of an answer: rcode, AA and AD bits, number of answers."""

    def __init__(self, packet):
        _, flags, _, self.answers, _, _ = struct.unpack_from("!6H", packet)
        self.rcode = flags & 15
        self.authoritative = bool(flags & 0x0400)
        self.authentic = bool(flags & 0x0020)


def ask(address, name, rrtype, recurse=False, seconds=1.0):
    """The Reply, or None when nothing (or nonsense) came in time."""
    number = os.urandom(2)
    flags = 0x0100 | 0x0020 if recurse else 0  # RD, and AD: "tell me whether it validated" (RFC 6840 5.7)
    packet = number + struct.pack("!5H", flags, 1, 0, 0, 0)
    for label in [part for part in name.split(".") if part]:
        packet += bytes([len(label)]) + label.encode()
    packet += b"\0" + struct.pack("!2H", TYPES[rrtype], 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.settimeout(seconds)
        try:
            link.connect((address, 53))
            link.send(packet)
            answer = link.recv(4096)
        except OSError:
            return None
    return Reply(answer) if len(answer) >= 12 and answer[:2] == number else None


def authoritative_for(address, zone):
    """A probe: None when `address` answers with authority for the zone, else why not."""
    reply = ask(address, zone, "SOA")
    if reply is None:
        return f"no answer from {address}"
    if reply.rcode or not reply.authoritative or not reply.answers:
        return f"{address} answers with rcode {reply.rcode}, authority {reply.authoritative} for '{zone or '.'}'"
    return None


def resolves(address, name, rrtype, secure):
    """A probe: None when the resolver gives an answer, validated when `secure`."""
    reply = ask(address, name, rrtype, recurse=True)
    if reply is None:
        return f"no answer from {address}"
    if reply.rcode or not reply.answers:
        return f"{address} answers with rcode {reply.rcode} for {name} {rrtype}"
    if secure and not reply.authentic:
        return f"{address} does not validate {name} {rrtype}"
    return None
