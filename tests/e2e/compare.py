#!/usr/bin/env python3
"""The independent comparer: reads both sides over IMAP and tells every difference.

    compare.py --csv users.csv --src HOST=ADDRESS --dst HOST=ADDRESS --ca ca.pem [options]

It shares nothing with cutover: no ledger, no code, no idea of what was copied when. For each user it reads
every selectable folder of both sides, message by message, and compares the multisets of (SHA-256 of all
bytes, system flags without \\Recent, keywords, INTERNALDATE as an instant), then folders and
subscriptions. Exit 0 only when nothing is missing, doubled, altered or extra; 1 with one line for each
difference; 2 when a side cannot be read. With --line-ends a message of which the target changed the line
ends and nothing else is listed and is no difference.
"""

import argparse
import base64
import collections
import csv
import hashlib
import imaplib
import re
import ssl
import sys
from datetime import datetime, timezone
from typing import NamedTuple

AT_ONCE = 40  # messages of one FETCH: a round trip for each would be most of the time
LIST_LINE = re.compile(rb'^\((?P<attributes>[^)]*)\) (?P<delimiter>"(?:\\.|[^"])*"|NIL) (?P<name>.*)$', re.S)
FETCH_FLAGS = re.compile(rb'FLAGS \(([^)]*)\)')
FETCH_UID = re.compile(rb"UID (\d+)")
FETCH_DATE = re.compile(rb'INTERNALDATE "([^"]+)"')


class Message(NamedTuple):
    """What must arrive unchanged. Flags and keywords are sorted tuples; keywords differ in case only for people."""

    digest: str
    flags: tuple
    keywords: tuple
    instant: int
    even: str = ""  # the digest with even line ends


LINE_END = re.compile(rb"\r+\n?|\n")


def with_even_ends(body):
    """A run of CRs, with or without an LF behind, is one line end, and a last line has one too."""
    even = LINE_END.sub(b"\r\n", body)
    return even + b"\r\n" if even and not even.endswith(b"\r\n") else even


class Unreadable(Exception):
    """A side that cannot be read: no verdict is possible."""


class Side:
    """One account at one provider, read only. Folder names come out as tuples below the namespace's prefix."""

    as_stored = None  # a function of (name, UID, body): what the other side makes of a body, None where it refuses the message

    def __init__(self, host, address, ca, user, password, port=993):
        context = ssl.create_default_context(cafile=ca)
        self.link = ConnectTo(host, address, port, context)
        self.link.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
        self.prefix = self.namespace()

    def namespace(self):
        _, data = self.link.namespace()
        found = re.match(rb'\(\("((?:\\.|[^"])*)"', data[0] or b"")
        return found.group(1).decode() if found else ""

    def folders(self):
        """{path: name on the wire} of every folder that can be selected."""
        return {path: name for path, name, attributes in self.listed("LIST")
                if not {"\\noselect", "\\nonexistent"} & attributes}

    def subscriptions(self):
        """Courier lists each parent as well, marked as not selectable (RFC 3501 6.3.9)."""
        return {path for path, _, attributes in self.listed("LSUB") if "\\noselect" not in attributes}

    def listed(self, command):
        self.link.untagged_responses.clear()
        kind, data = getattr(self.link, command.lower())('""', "*")
        if kind != "OK":
            raise Unreadable(f"{command} is refused: {data}")
        for entry in joined(data):
            match = LIST_LINE.match(entry)
            if not match:
                raise Unreadable(f"{command} answers {entry!r}")
            delimiter = unquoted(match["delimiter"]) if match["delimiter"] != b"NIL" else ""
            name = unquoted(match["name"])
            yield self.path(name, delimiter), name, set(match["attributes"].decode().lower().split())

    def path(self, name, delimiter):
        """INBOX. as a prefix is the provider's way of storing, not a part of the name."""
        if name.upper() == "INBOX":
            return ("INBOX",)
        if self.prefix and name.startswith(self.prefix):
            name = name[len(self.prefix):]
        return tuple(from_utf7(part) for part in (name.split(delimiter) if delimiter else [name]))

    def messages(self, name):
        """Each message of the folder as (uid, Message), one at a time."""
        exists = self.open(name)
        uids = self.searched("ALL")
        if len(uids) != exists:
            raise Unreadable(f"'{name}' has {exists} messages and SEARCH finds {len(uids)}")
        for first in range(0, len(uids), AT_ONCE):
            yield from self.fetched(name, uids[first:first + AT_ONCE])

    def open(self, name, readonly=True):
        """Select a folder; how many messages it has."""
        return int(self.asked("select", quoted(name), readonly)[0])

    def searched(self, *words):
        """UIDs in the folder that is open."""
        return [int(uid) for uid in b" ".join(item or b"" for item in self.asked("uid", "SEARCH", *words)).split()]

    def count(self, subject, name="INBOX"):
        """How many messages of a folder have `subject` in their subject."""
        self.open(name)
        return len(self.searched("SUBJECT", quoted(subject)))

    def asked(self, method, *words):
        """What the server answers to a command of imaplib, which leaves it to its caller to look at a NO."""
        status, data = getattr(self.link, method)(*words)
        if status != "OK":
            raise Unreadable(f"{' '.join(map(str, (method, *words)))[:200]} is answered by {status} {data!r:.500}")
        return data

    def fetched(self, name, uids):
        """These messages, in this order. Whatever else the server says meanwhile is left aside."""
        data = self.asked("uid", "FETCH", ",".join(map(str, uids)), "(UID FLAGS INTERNALDATE BODY.PEEK[])")
        found = dict(contents(data))
        for uid in uids:
            if uid not in found:
                raise Unreadable(f"'{name}' UID {uid} has no body in {data!r:.200}")
            text, body = found.pop(uid)
            if self.as_stored:
                body = self.as_stored(name, uid, body)
            if body is not None:
                yield uid, parsed(text, body)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Also where the server has gone meanwhile: what was read was read."""
        try:
            self.link.logout()
        except (imaplib.IMAP4.error, OSError):
            self.link.shutdown()


class ConnectTo(imaplib.IMAP4):
    """IMAP over TLS to an address, verified for a host name that the machine's resolver need not know."""

    def __init__(self, name, address, port, context):
        self.name, self.context = name, context
        super().__init__(address, port, timeout=600)

    def _create_socket(self, timeout):
        return self.context.wrap_socket(super()._create_socket(timeout), server_hostname=self.name)


def contents(data):
    """(uid, (the text of the answer beside the body, the body)) of each message in what imaplib made of a FETCH's answer.

    A literal comes as (what stood before it, its bytes), and what stood behind it as an entry of its own.
    """
    for position, entry in enumerate(data):
        if isinstance(entry, tuple):
            after = data[position + 1] if position + 1 < len(data) else b""
            text, body = entry[0] + (after if isinstance(after, bytes) else b""), entry[1]
        elif isinstance(entry, bytes):
            text, body = entry, b""
        if b"BODY[] " in text and (isinstance(entry, tuple) or b'BODY[] ""' in text):
            yield int(FETCH_UID.search(text).group(1)), (text, body)


def parsed(text, body):
    words = FETCH_FLAGS.search(text).group(1).decode().split()
    flags = tuple(sorted(word.lower() for word in words if word.startswith("\\") and word.lower() != "\\recent"))
    keywords = tuple(sorted(word for word in words if not word.startswith("\\")))
    stamp = datetime.strptime(FETCH_DATE.search(text).group(1).decode().strip(), "%d-%b-%Y %H:%M:%S %z")
    digest, even = (hashlib.sha256(text).hexdigest() for text in (body, with_even_ends(body)))
    return Message(digest, flags, keywords, int(stamp.timestamp()), even)


def joined(data):
    """imaplib hands a literal as (head, text); put the text back where it stood, quoted."""
    entries = []
    for item in data:
        if isinstance(item, tuple):
            head = re.sub(rb"\{\d+\}$", b"", item[0])
            entries.append(head + b'"' + item[1].replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"')
        elif item:
            entries.append(item)
    return entries


def unquoted(word):
    text = word.decode("utf-8", "surrogateescape").strip()
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text


def quoted(name):
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def from_utf7(name):
    """Modified UTF-7 (RFC 3501 5.1.3); a name that is not stays as it is."""
    def unshift(match):
        if not match.group(1):
            return "&"
        text = match.group(1).replace(",", "/")
        return base64.b64decode(text + "=" * (-len(text) % 4)).decode("utf-16-be")
    try:
        return re.sub(r"&([^-]*)-", unshift, name)
    except ValueError:
        return name


def read_side(side):
    """{path: {Message: [uids]}}"""
    return {path: index(side.messages(name)) for path, name in sorted(side.folders().items())}


def index(pairs):
    found = collections.defaultdict(list)
    for uid, message in pairs:
        found[message].append(uid)
    return found


def pair_line_ends(wanted, there):
    """Take what differs in its line ends only for equal: [source UID]. `there` gets the source's message instead."""
    surplus = {}
    for message, uids in there.items():
        surplus.setdefault(message._replace(digest=""), []).extend(
            (message, uid) for uid in uids[len(wanted.get(message, ())):])
    found = []
    for message, uids in wanted.items():
        odd = surplus.get(message._replace(digest=""), [])
        for uid in uids[len(there.get(message, ())):][:len(odd)]:
            other, other_uid = odd.pop()
            there[other].remove(other_uid)
            there[message].append(other_uid)
            found.append(uid)
    return sorted(found)


def differences(src, dst, allow_extra=False):
    """Yield a sentence for each way in which the folders `dst` are not those of `src`."""
    for path, wanted in src.items():
        name = "/".join(path)
        if path not in dst:
            yield f"folder '{name}' is missing at the target ({total(wanted)} messages)"
        else:
            yield from folder_differences(name, wanted, dst[path], allow_extra)
    if not allow_extra:
        for path in dst.keys() - src.keys():
            if path != ("INBOX",) or dst[path]:
                yield f"folder '{'/'.join(path)}' is extra at the target ({total(dst[path])} messages)"


def folder_differences(name, wanted, there, allow_extra):
    missing = {message: len(uids) - len(there.get(message, ())) for message, uids in wanted.items()}
    surplus = {message: len(uids) - len(wanted.get(message, ())) for message, uids in there.items()}
    altered = {message.digest: message for message, count in surplus.items() if count > 0}
    known = {message.digest for message in wanted}
    for message, count in missing.items():
        if count <= 0:
            continue
        other = altered.get(message.digest)
        if other is not None and other not in wanted:
            yield f"'{name}' UID {wanted[message][0]} is altered at the target: {changes(message, other)}"
            surplus[other] -= count
        else:
            yield (f"'{name}' UID {wanted[message][0]} is missing at the target"
                   f" ({count} of {len(wanted[message])} copies): {message.digest[:16]}")
    for message, count in surplus.items():
        if count > 0 and message.digest in known:  # be it with other flags: it is there too often
            yield f"'{name}' target UID {there[message][-1]} is doubled ({count} too many): {message.digest[:16]}"
        elif count > 0 and not allow_extra:
            yield f"'{name}' target UID {there[message][0]} is extra ({count}): {message.digest[:16]}"


def changes(before, after):
    def shown(field, value):
        return datetime.fromtimestamp(value, timezone.utc).isoformat() if field == "instant" else " ".join(value)
    return ", ".join(f"{field} '{shown(field, old)}' became '{shown(field, new)}'"
                     for field, old, new in zip(before._fields, before, after) if old != new)


def total(messages):
    return sum(len(uids) for uids in messages.values())


def compare_user(row, args):
    src = Side(*args.src, args.ca, row["UserName"], row["Password"])
    dst = Side(*args.dst, args.ca, row.get("TargetUserName") or row["UserName"],
               row.get("TargetPassword") or row["Password"])
    there, here = read_side(src), read_side(dst)
    altered = []
    if args.line_ends:
        altered = [f"'{'/'.join(path)}' UID {uid}: line ends changed at the target, nothing else"
                   for path, wanted in there.items() for uid in pair_line_ends(wanted, here.get(path, index(())))]
    found = list(differences(there, here, args.allow_extra_at_target))
    wanted, given = src.subscriptions() - {("INBOX",)}, dst.subscriptions() - {("INBOX",)}
    found += [f"folder '{'/'.join(path)}' is not subscribed at the target" for path in sorted(wanted - given)]
    if not args.allow_extra_at_target:
        found += [f"folder '{'/'.join(path)}' is subscribed at the target only" for path in sorted(given - wanted)]
    src.close()
    dst.close()
    return sum(map(total, there.values())), len(there), found, altered


def host_address(text):
    host, _, address = text.partition("=")
    return host, address or host


def main():
    options = argparse.ArgumentParser(description="compare mailboxes over IMAP, message by message")
    options.add_argument("--csv", required=True, help="the users, with the passwords that work")
    options.add_argument("--src", required=True, type=host_address, metavar="HOST=ADDRESS")
    options.add_argument("--dst", required=True, type=host_address, metavar="HOST=ADDRESS")
    options.add_argument("--ca", required=True, help="the authority that signed both servers")
    options.add_argument("--allow-extra-at-target", action="store_true", help="mail that only the target has is fine")
    options.add_argument("--line-ends", action="store_true", help="line ends that the target changed are listed only")
    options.add_argument("--ignore-user", action="append", default=[], metavar="ADDRESS")
    args = options.parse_args()
    failed = 0
    with open(args.csv, newline="", encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["EmailAddress"] not in args.ignore_user]
    for row in rows:
        try:
            messages, folders, found, altered = compare_user(row, args)
        except (Unreadable, imaplib.IMAP4.error, OSError) as error:
            print(f"compare: {row['EmailAddress']} cannot be read: {error}", file=sys.stderr)
            return 2
        print(f"{row['EmailAddress']}: {messages} messages in {folders} folders, {len(found)} differences")
        for line in found + altered:
            print(f"  {line}")
        failed += len(found)
    return 1 if failed or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
