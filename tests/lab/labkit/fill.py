"""Puts mail into the source: Maildir files with the right flags and dates, then subscriptions over IMAP.

Written as files because that is fast and lets us say everything (INTERNALDATE is the file's time); read
back by Dovecot like any mail that was there when it was installed.
"""

import base64
import email.utils
import imaplib
import os
import re
import shutil
import ssl
from datetime import timezone

import mailgen

from . import imap, users
from .layout import SOURCE_HOST, LabError

LETTERS = {"Draft": "D", "Flagged": "F", "Answered": "R", "Seen": "S", "Deleted": "T"}
CORPUS_USER = "office"


def fill_once(lab):
    """Fill unless it was done; a fill that was interrupted begins again from nothing."""
    done = lab.path("run", "filled")
    if done.exists():
        return
    for user in users.people(lab):
        shutil.rmtree(imap.home(lab, "source", user), ignore_errors=True)
    fill(lab)
    done.touch()


def fill(lab):
    """Everything that `up` was told to load. The source must be up; its mailboxes must be empty."""
    size = lab.options["mail"]
    for user in users.people(lab):
        folders = [] if size == "none" else mailgen.mailbox(lab.options["seed"], user.local, size)
        if lab.options["corpus"] and user.local == CORPUS_USER:
            folders += corpus_folders(lab.options["corpus"])
        root = imap.home(lab, "source", user) / "Maildir"
        for folder in folders:
            write_folder(root, folder)
        if folders:
            imap.own(root.parent)
            subscribe(lab, user, folders)


def imap_path(path):
    """Maildir++ keeps every folder beside the INBOX, dotted; `INBOX.` is the namespace's prefix."""
    return ".".join(path[1:] if path[0] == "INBOX" else path)


def write_folder(root, folder):
    name = imap_path(folder.path)
    directory = root / f".{utf7(name)}" if name else root
    for sub in ("cur", "new", "tmp"):
        (directory / sub).mkdir(mode=0o700, parents=True, exist_ok=True)
    if name:
        (directory / "maildirfolder").touch()
    keywords = sorted({word for item in folder.messages for word in item.keywords})
    if keywords:
        (directory / "dovecot-keywords").write_text("".join(f"{n} {word}\n" for n, word in enumerate(keywords)))
    for number, item in enumerate(folder.messages):
        write_message(directory / "cur", number, item, keywords)


def write_message(directory, number, item, keywords):
    stored = item.data.replace(b"\r\n", b"\n")
    letters = "".join(sorted(LETTERS[flag] for flag in item.flags))
    letters += "".join(sorted(chr(ord("a") + keywords.index(word)) for word in item.keywords))
    # The name sorts in the order of arrival, which is the order in which Dovecot gives UIDs.
    path = directory / f"{item.date}.M{number:06}P1.lab,S={len(stored)}:2,{letters}"
    path.write_bytes(stored)
    os.utime(path, (item.date, item.date))


def utf7(name):
    """Modified UTF-7 (RFC 3501 5.1.3)."""
    def shift(match):
        text = match.group()
        if text == "&":
            return "&-"
        return "&" + base64.b64encode(text.encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"
    return re.sub(r"&|[^\x20-\x7e]+", shift, name)


def login(lab, user):
    context = ssl.create_default_context(cafile=str(lab.path("ca.pem")))
    context.check_hostname = False  # by address here; the authority is the lab's own
    link = imaplib.IMAP4_SSL(lab.address("source"), 993, ssl_context=context, timeout=180)
    link.authenticate("PLAIN", lambda _: f"\0{user.address}\0{user.src_password}".encode())
    return link


def subscribe(lab, user, folders):
    with login(lab, user) as link:
        for folder in folders:
            dotted = imap_path(folder.path)
            name = utf7(f"INBOX.{dotted}" if dotted else "INBOX").replace("\\", "\\\\").replace('"', '\\"')
            status, text = link.status(f'"{name}"', "(MESSAGES)")
            if status != "OK" or f"MESSAGES {len(folder.messages)})".encode() not in text[0]:
                raise LabError(f"{SOURCE_HOST} shows {text} for '{name}' of {user.address},"
                               f" expected {len(folder.messages)} messages")
            if folder.subscribed:
                link.subscribe(f'"{name}"')


def corpus_folders(directory):
    """The SpamAssassin corpus, one folder for each of its groups; INTERNALDATE from the Date field where it parses."""
    groups = {}
    for path, _, names in sorted(os.walk(directory)):
        texts = sorted(name for name in names if name.endswith(".txt") and re.match(r"^\d{5}\.[0-9a-f]{32}", name))
        if texts:
            groups[os.path.basename(path)] = [corpus_message(os.path.join(path, name)) for name in texts]
    if not groups:
        raise LabError(f"'{directory}' holds no message of the SpamAssassin corpus\nhint: tests/lab/corpus fetch")
    return [mailgen.Folder(("Corpus", name), True, items) for name, items in groups.items()]


def corpus_message(path):
    with open(path, "rb") as file:
        data = file.read()
    if data.startswith(b"From "):
        data = data.split(b"\n", 1)[1]
    # NUL may not stand in an IMAP literal; Dovecot would show 0x80 for it anyway.
    data = re.sub(rb"\r?\n", b"\r\n", data).replace(b"\0", b"\x80")
    return mailgen.Message(data, corpus_date(data), {"Seen"})


def corpus_date(data):
    head = re.split(rb"\r\n\r\n", data, maxsplit=1)[0]
    found = re.search(rb"(?im)^date:\s*(.+?)\r?$", head)
    try:
        date = email.utils.parsedate_to_datetime(found.group(1).decode("ascii"))
        stamp = int((date if date.tzinfo else date.replace(tzinfo=timezone.utc)).timestamp())
    except (AttributeError, TypeError, ValueError, OverflowError, IndexError):
        stamp = 0
    return stamp if 631152000 < stamp < mailgen.NEWEST else 1030000000  # 1990 … ; else August 2002
