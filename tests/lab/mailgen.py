#!/usr/bin/env python3
"""Mail as people have it, the same for the same seed: folders, flags, dates, attachments and the odd message.

As a program it prints what it would make: mailgen.py [--seed S] [--size small|full].
Dates are fixed too (nothing depends on today), so that a failure can be repeated next year.
"""

import argparse
import base64
import quopri
import random
from dataclasses import dataclass, field
from email.header import Header
from email.utils import formatdate

DOMAIN = "treyresearch.com"
NEWEST = 1793491200  # 2026-11-01T00:00Z: the last mail before the move
YEAR = 365 * 86400
SIZES = {"small": 1, "full": 12}  # how many times the counts below
KEYWORDS = ("$Forwarded", "$MDNSent", "NonJunk", "$label1", "Wichtig")

# Folder paths with how many messages each has; a parent that is not listed does not exist as a mailbox.
# All of them lie below the INBOX at the source, as cPanel shows them.
PROFILES = {
    "anna.weber": {
        ("INBOX",): 34, ("Sent",): 16, ("Drafts",): 2, ("Trash",): 5, ("Projekte",): 4,
        ("Projekte", "2019", "Contoso Rollout"): 9, ("Kunden", "Müller & Söhne GmbH"): 8,
        ("Archiv", "2017"): 6, ("Leer",): 0,
    },
    "ben.okafor": {
        ("INBOX",): 22, ("Sent",): 12, ("Lagos Office",): 9, ("R&D",): 6, ("R&D", "Prototypes"): 5, ("Junk",): 3,
    },
    "carla.diaz": {
        ("INBOX",): 18, ("Sent",): 8, ("Clientes", "España"): 8, ("Facturación",): 7, ("Año 2018", "Niño"): 3,
        ('Notas "viejas"',): 2,
    },
    "dmitri.petrov": {
        ("INBOX",): 20, ("Sent",): 8, ("Проекты",): 0, ("Проекты", "Северный мост"): 9, ("Счета",): 6,
    },
    "emi.tanaka": {("INBOX",): 20, ("Sent",): 8, ("見積書",): 7, ("プロジェクト", "東京", "第二期"): 6},
    "office": {
        ("INBOX",): 26, ("Sent",): 10, ("Invoices 2020",): 9, ("Invoices 2021",): 8, ("Scans",): 4,
        ("a", "b", "c", "d", "e", "f", "g"): 2,
    },
}
NOT_SUBSCRIBED = {("Archiv", "2017"), ("Junk",), ("Invoices 2020",)}
SUBJECTS = (
    "Quarterly figures", "Lunch on Thursday?", "Re: Contoso rollout, open points", "Minutes of the meeting",
    "Rechnung Nr. 4711 – Zahlungserinnerung", "Presupuesto de la oficina", "Счёт на оплату за март",
    "お見積りの件", "Fwd: printer on the second floor", "Invoice 2020-118", "Welcome aboard!", "Your parking permit",
    "Ihre Buchung 🛫 Hamburg – Lagos", "[lists] digest, Vol 12, Issue 3", "Automatic reply: out of office",
)
WORDS = (
    "the server moves on Friday and nobody will notice if we do our work well please find the figures attached "
    "thank you for the quick answer I shall be out of the office until Monday the customer asked again about the "
    "delivery date wir melden uns nächste Woche con mucho gusto до встречи よろしくお願いします"
).split()


@dataclass
class Message:
    data: bytes  # with CRLF, exactly what IMAP is to show
    date: int  # INTERNALDATE in seconds since 1970
    flags: set = field(default_factory=set)
    keywords: list = field(default_factory=list)


@dataclass
class Folder:
    path: tuple
    subscribed: bool
    messages: list


def mailbox(seed, local, size):
    """The folders of one person, each with its messages in the order of their arrival."""
    source = random.Random(f"{seed}/{local}/{size}")
    folders = []
    for path, count in PROFILES[local].items():
        messages = [message(source, local, number) for number in range(count * SIZES[size])]
        if path == ("INBOX",):
            messages += oddities(source, local) + big_ones(source, local)
        messages.sort(key=lambda item: item.date)
        folders.append(Folder(path, path not in NOT_SUBSCRIBED, messages))
    return folders


def message(source, local, number):
    date = NEWEST - int(source.random() ** 2 * 9 * YEAR) - 3600
    data = compose(source, local, number, date)
    return Message(data, date, *marks(source))


def marks(source):
    flags = {name for name, share in (("Seen", 0.8), ("Answered", 0.25), ("Flagged", 0.1), ("Deleted", 0.03),
                                      ("Draft", 0.02)) if source.random() < share}
    return flags, [name for name in KEYWORDS if source.random() < 0.08]


def compose(source, local, number, date):
    """One ordinary message: plain, HTML beside it, or with attachments."""
    head = headers(source, local, number, date)
    text = prose(source, source.randint(2, 40))
    kind = source.random()
    if kind < 0.45:
        return head + b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" \
            + text.encode()
    if kind < 0.8:
        return head + multipart(source, "alternative", [plain_part(text), html_part(text)])
    size = int(source.choice((1500, 9000, 40000, 120000)) * (0.5 + source.random()))
    return head + multipart(source, "mixed", [plain_part(text), attachment(source, size)])


def headers(source, local, number, date, message_id=True):
    subject = source.choice(SUBJECTS)
    shown = subject if subject.isascii() else Header(subject, "utf-8", header_name="Subject").encode(linesep="\r\n")
    sender = source.choice(("maria.lopez@contoso.com", "it@fabrikam.com", "no-reply@nwtraders.com",
                            '"Jürgen Groß" <jg@example.de>', f"{source.choice(list(PROFILES))}@{DOMAIN}"))
    if not sender.isascii():
        sender = Header("Jürgen Groß", "utf-8").encode() + " <jg@example.de>"
    stamp = formatdate(date, localtime=False)
    lines = [
        f"Return-Path: <bounce-{number}@contoso.com>",
        f"Received: from mail{source.randint(1, 9)}.contoso.com (mail.contoso.com [192.0.2.{source.randint(1, 250)}])",
        f"\tby mx1.nwtraders.com with ESMTPS id {source.randbytes(6).hex()}",
        f"\tfor <{local}@{DOMAIN}>; {stamp}",
        f"Date: {stamp}",
        f"From: {sender}",
        f"To: {local}@{DOMAIN}",
        f"Subject: {shown}",
        "MIME-Version: 1.0",
    ]
    if message_id:
        lines.append(f"Message-ID: <{source.randbytes(10).hex()}.{number}@contoso.com>")
    return ("\r\n".join(lines) + "\r\n").encode()


def prose(source, lines):
    return "".join(" ".join(source.choice(WORDS) for _ in range(source.randint(4, 12))) + "\r\n"
                   for _ in range(lines))


def plain_part(text):
    return b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text.encode()


def html_part(text):
    page = "<html><body><p>" + text.replace("\r\n", "<br>\n") + "</p></body></html>\n"
    encoded = quopri.encodestring(page.encode()).replace(b"\n", b"\r\n")
    return b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + encoded


def attachment(source, size):
    body = base64.encodebytes(source.randbytes(size)).replace(b"\n", b"\r\n")
    name = source.choice(("report.pdf", "Angebot.docx", "scan0001.jpg", "budget.xlsx"))
    return (f'Content-Type: application/octet-stream; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'
            f'Content-Disposition: attachment; filename="{name}"\r\n\r\n').encode() + body


def multipart(source, kind, parts):
    boundary = f"=_{source.randbytes(12).hex()}"
    mark = f"--{boundary}".encode()
    body = b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode() + body + mark + b"--\r\n"


def big_ones(source, local):
    """A few large attachments: the largest message is a little over 10 MB on the wire."""
    sizes = {"anna.weber": (7_400_000, 300_000), "office": (2_200_000, 800_000), "ben.okafor": (1_100_000,)}
    found = []
    for number, size in enumerate(sizes.get(local, ())):
        date = NEWEST - source.randint(30, 900) * 86400
        data = headers(source, local, 9000 + number, date) \
            + multipart(source, "mixed", [plain_part("see attached\r\n"), attachment(source, size)])
        found.append(Message(data, date, {"Seen"}))
    return found


def oddities(source, local):
    """What real mailboxes hold and what breaks careless tools; each is named by its subject."""
    if local not in ("anna.weber", "office"):
        return []
    base = NEWEST - 2 * YEAR

    def odd(name, rest=b"", head_end=b"\r\n", body=b"nothing special\r\n"):
        return (f"From: odd@contoso.com\r\nTo: {local}@{DOMAIN}\r\nSubject: odd: {name}\r\n"
                f"Date: {formatdate(base)}\r\n").encode() + rest + head_end + body

    twin = odd("exact duplicate", b"Message-ID: <twin@contoso.com>\r\n")
    found = [
        Message(twin, base, {"Seen"}),
        Message(twin, base, {"Seen"}),
        Message(twin, base + 86400, {"Flagged"}),
        Message(odd("same Message-ID", b"Message-ID: <same@contoso.com>\r\n", body=b"first body\r\n"), base + 60),
        Message(odd("same Message-ID", b"Message-ID: <same@contoso.com>\r\n", body=b"second body\r\n"), base + 61),
        Message(odd("no Message-ID"), base + 120),
        Message(odd("no body after the empty line", body=b""), base + 180),
        Message(odd("header only", head_end=b"", body=b""), base + 240),
        Message(odd("8-bit header", "X-Raw: Grüße aus Köln\r\n".encode("latin-1")), base + 300),
        Message(odd("20 KB line", body=b"x" * 20000 + b"\r\n"), base + 360),
        Message(odd("a carriage return alone", body=b"one\rtwo\r\nthree\r\n"), base + 420),
        Message(odd("no line end at the end", body=b"the last word"), base + 480),
        Message(odd("mbox and SMTP traps", body=b"From here on\r\n.\r\n..\r\n>From there\r\nDATA\r\n.\r\n"), base + 540),
        Message(odd("looks like IMAP", body=b"* 1 FETCH (BODY[] {5}\r\n)\r\nA1 OK done\r\n{10+}\r\n"), base + 600),
        Message(odd("all flags", body=b"\r\n"), base + 660, {"Seen", "Answered", "Flagged", "Deleted", "Draft"},
                list(KEYWORDS)),
        Message(odd("very old"), 883612800),  # 1998-01-01
        Message(odd("all bytes but NUL", body=bytes(byte for byte in range(1, 256) if byte not in (10, 13)) + b"\r\n"),
                base + 720),
    ]
    return found


def main():
    options = argparse.ArgumentParser(description="print what the generator makes")
    options.add_argument("--seed", default="cutover")
    options.add_argument("--size", choices=SIZES, default="small")
    args = options.parse_args()
    total = octets = 0
    for local in PROFILES:
        for folder in mailbox(args.seed, local, args.size):
            size = sum(len(item.data) for item in folder.messages)
            total, octets = total + len(folder.messages), octets + size
            print(f"{local:<14} {len(folder.messages):>5} {size:>10}  {'/'.join(folder.path)}")
    print(f"{total} messages, {octets} bytes")


if __name__ == "__main__":
    main()
