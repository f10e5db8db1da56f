"""Signing by dnssec-signzone, with keys that all zones of an algorithm share and dates of our choice."""

import base64
import hashlib
import struct
import threading

from labkit.dns import run
from labkit.layout import write

from . import wire, zonetext

ALGORITHMS = {"ecdsa": ("ECDSAP256SHA256", 13), "ecdsa384": ("ECDSAP384SHA384", 14), "ed25519": ("ED25519", 15),
              "rsa": ("RSASHA256", 8), "rsa512": ("RSASHA512", 10), "rsa1": ("RSASHA1", 5), "rsa1n3": ("NSEC3RSASHA1", 7)}
DAY = 86400


class Signer:
    def __init__(self, world):
        self.world, self.made, self.guard = world, {}, threading.Lock()
        world.path("keys").mkdir(mode=0o711, exist_ok=True)

    def key(self, algorithm):
        """(number, base64 of the public key, text of the private one, tag)."""
        with self.guard:
            if algorithm not in self.made:
                mnemonic, number = ALGORITHMS[algorithm]
                bits = ["-b", "2048"] if number in (5, 7, 8, 10) else []
                directory = self.world.path("keys", algorithm)
                directory.mkdir(mode=0o711, exist_ok=True)
                stem = run(["dnssec-keygen", "-q", "-K", str(directory), "-a", mnemonic, *bits, "-f", "KSK",
                            "template"]).strip()
                line = next(text for text in (directory / f"{stem}.key").read_text().splitlines()
                            if not text.startswith(";"))
                public = "".join(line.split()[6:] if line.split()[2] == "DNSKEY" else line.split()[7:])
                self.made[algorithm] = (number, public, (directory / f"{stem}.private").read_text(),
                                        int(stem.rpartition("+")[2]))
            return self.made[algorithm]

    def dnskey(self, zone, algorithm):
        number, public, _, _ = self.key(algorithm)
        return f"{zone or ''}. 3600 IN DNSKEY 257 3 {number} {public}"

    def ds(self, zone, algorithm, wrong=False):
        number, public, _, tag = self.key(algorithm)
        data = struct.pack("!HBB", 257, 3, number) + base64.b64decode(public)
        digest = hashlib.sha256(wire.name_bytes(zone) + data).hexdigest()
        if wrong:
            tag, digest = (tag + 1) % 65536, digest[::-1]
        return f"{zone}. 86400 DS {tag} {number} 2 {digest}"

    def sign(self, zone, lines, words, place):
        """The signed zone's lines, one record each. `words` as in a case's `sign:`; `place` is unique."""
        algorithm = next(word for word in words if word in ALGORITHMS)
        number, _, private, tag = self.key(algorithm)
        directory = self.world.path("signing", place)
        directory.mkdir(mode=0o711, parents=True, exist_ok=True)
        stem = f"K{zone}.+{number:03d}+{tag:05d}"
        key = self.dnskey(zone, algorithm)
        write(directory / f"{stem}.key", key + "\n")
        write(directory / f"{stem}.private", private, 0o600)
        write(directory / "zone", zonetext.whole(zone, [*lines, key]))
        begins, ends = dates(words)
        denial = ["-3", "-", "-H", "0", "-u"] if {"nsec3", "optout"} & set(words) else []
        denial += ["-A"] if "optout" in words else []
        run(["dnssec-signzone", "-q", "-P", "-z", "-O", "full", "-n", "1", "-N", "keep", "-o", f"{zone}.", "-d",
             str(directory), "-s", begins, "-e", ends, *denial, "-f", str(directory / "signed"),
             str(directory / "zone"), str(directory / stem)])
        text = (directory / "signed").read_text()
        return [line for line in text.splitlines() if line and not line.startswith(";")]


def dates(words):
    """When signatures begin and end, as dnssec-signzone wants them."""
    begin, end = -DAY, 30 * DAY
    for word in words:
        if word == "expired":
            begin, end = -40 * DAY, -DAY
        elif word == "future":
            begin, end = 2 * DAY, 30 * DAY
        elif word.startswith("expiring:"):
            end = zonetext.seconds(word.partition(":")[2])
    return tuple(zonetext.moment(offset).strftime("%Y%m%d%H%M%S") for offset in (begin, end))
