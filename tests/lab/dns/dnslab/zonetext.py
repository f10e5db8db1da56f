"""Zone texts: edits of records, the generated parts, the values that stand for {…} in a case."""

import base64
import datetime
import random
import re

from labkit.layout import LabError

TYPES = {"A", "AAAA", "CNAME", "MX", "TXT", "NS", "SRV", "CAA", "TLSA", "DS", "DNSKEY", "RRSIG", "NSEC", "NSEC3",
         "NSEC3PARAM", "SOA", "SPF", "PTR", "DNAME", "HTTPS", "CDS", "TYPE99"}
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
STAMP = "%Y-%m-%dT%H:%M:%SZ"


def split_record(line, origin):
    """(absolute owner, type, the words behind it); None for what is no record."""
    words = line.split()
    for at, word in enumerate(words[1:5], 1):
        if word in TYPES:
            owner = words[0].lower()
            if owner == "@":
                owner = f"{origin}."
            elif not owner.endswith("."):
                owner = f"{owner}.{origin}."
            return owner, word, words[at + 1:]
    return None


def edited(lines, edits, origin):
    """`- OWNER TYPE [WORDS…]` takes records away, `* …` all of an owner's names of a type; any other line is added."""
    kept = list(lines)
    for edit in edits:
        if not edit.startswith("- "):
            continue
        owner, kind, words = split_record(edit[2:], origin) or (None, None, None)
        before = len(kept)
        kept = [line for line in kept if not matches(split_record(line, origin), owner, kind, words)]
        if len(kept) == before:
            raise LabError(f"nothing to take away for '{edit}' in {origin}")
    return kept + [edit for edit in edits if not edit.startswith("- ")]


def matches(record, owner, kind, words):
    return bool(record) and record[0] == owner and record[1] == kind and record[2][:len(words)] == words


def seconds(text):
    return int(text[:-1]) * UNITS[text[-1]]


def moment(offset_s):
    now = datetime.datetime.now(datetime.timezone.utc)
    return now + datetime.timedelta(seconds=offset_s)


def rsa_key(bits):
    """A SubjectPublicKeyInfo in base64, of the right size and shape. Nobody signs with it."""
    modulus = random.Random(bits).getrandbits(bits) | 1 << (bits - 1) | 1
    number = der(0x02, b"\0" + modulus.to_bytes(bits // 8, "big"))
    key = der(0x30, number + der(0x02, b"\x01\x00\x01"))
    algorithm = bytes.fromhex("300d06092a864886f70d0101010500")
    return base64.b64encode(der(0x30, algorithm + der(0x03, b"\0" + key))).decode()


def der(tag, body):
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def strings(text):
    """Quoted character-strings of at most 255 bytes."""
    return " ".join(f'"{text[at:at + 255]}"' for at in range(0, len(text), 255))


def filler(values):
    """The function that replaces {…}: names of `values`, {dkim BITS}, {rsa BITS}, {long N}, {ago 2h}, {in 2h}."""
    def value(found):
        word, _, argument = found[1].partition(" ")
        if found[1] in values:
            return str(values[found[1]])
        if word == "dkim":
            return strings(f"v=DKIM1; k=rsa; p={rsa_key(int(argument))}")
        if word == "rsa":
            return rsa_key(int(argument))
        if word == "long":
            return strings("".join(random.Random(argument).choice("abcdefghijklmnop") for _ in range(int(argument))))
        if word in ("ago", "in"):
            return moment(seconds(argument) * (-1 if word == "ago" else 1)).strftime(STAMP)
        return found[0]  # YAML has braces of its own

    return lambda text: re.sub(r"\{([a-z0-9]+(?: [a-z0-9]+)?)\}", value, text)


def head(zone, primary, minimum=300, serial=2026112201):
    return [f"{zone}. 3600 SOA {primary}. hostmaster.dns-hosting.net. {serial} 7200 900 1209600 {minimum}"]


def whole(origin, lines):
    return "$TTL 3600\n" + f"$ORIGIN {origin}.\n".replace("$ORIGIN ..", "$ORIGIN .") + "\n".join(lines) + "\n"
