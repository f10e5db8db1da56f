"""The odd mailbox: every kind of message and of folder that breaks careless tools, each with what makes it odd in its name.

Nothing is random in it and nothing depends on today. A server that does not take one of them as a source simply does not
have it; what a target refuses or alters is told in tests/e2e/traits.py.
"""

from mailgen import Folder, Message

DAY = 86400
BASE = 1_700_000_000  # 2023-11-14
FLAGS = ("Seen", "Answered", "Flagged", "Deleted", "Draft")


def text(subject, head=b"", body=b"nothing special\r\n", message_id=None):
    """A message with CRLF; its Message-ID comes from the subject unless given (b"" for none)."""
    if message_id is None:
        message_id = b"<" + b"".join(bytes([c]) for c in subject.encode() if chr(c).isalnum()) + b"@odd.example>"
    line = b"Message-ID: " + message_id + b"\r\n" if message_id else b""
    return (f"From: odd@contoso.com\r\nTo: office@treyresearch.com\r\nSubject: {subject}\r\n"
            "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n").encode() + line + head + b"\r\n" + body


def messages(size=0):
    """All kinds of messages; with `size` also one of so many bytes."""
    twin = text("exact duplicate")
    found = [
        Message(twin, BASE, {"Seen"}),
        Message(twin, BASE, {"Seen"}),
        Message(twin, BASE + DAY, {"Flagged"}),
        Message(text("one Message-ID", body=b"first body\r\n", message_id=b"<same@odd.example>"), BASE + 1),
        Message(text("one Message-ID", body=b"second body\r\n", message_id=b"<same@odd.example>"), BASE + 2),
        Message(text("one Message-ID", body=b"first body\r\n", message_id=b"<same@odd.example>"), BASE + 3, {"Seen"}),
        Message(text("no Message-ID", message_id=b""), BASE + 4),
        Message(text("header only")[:-17], BASE + 5),
        Message(text("header without the empty line")[:-19], BASE + 6),
        Message(b"", BASE + 7),
        Message(b"\r\n", BASE + 8),
        Message(b"no header at all, just words\r\n", BASE + 9),
        Message(text("NUL in the body", body=b"one\0two\r\n"), BASE + 10),
        Message(text("bare LF", body=b"one\ntwo\r\nthree\r\n"), BASE + 11),
        Message(text("bare CR", body=b"one\rtwo\r\nthree\r\n"), BASE + 12),
        Message(text("bare LF in the header", b"X-Odd: one\n two\r\n"), BASE + 13),
        Message(text("8-bit header in UTF-8", "X-Raw: Grüße aus Köln\r\n".encode()), BASE + 14),
        Message(text("8-bit header in Latin-1", "X-Raw: Grüße aus Köln\r\n".encode("latin-1")), BASE + 15),
        Message(text("8-bit body", body=bytes(range(0x80, 0x100)) + b"\r\n"), BASE + 16),
        Message(text("a line of 20 KB", body=b"x" * 20000 + b"\r\n"), BASE + 17),
        Message(text("a header line of 20 KB", b"References: " + b"<reference@odd.example> " * 830 + b"\r\n"), BASE + 18),
        Message(text("no line end at the end", body=b"the last word"), BASE + 19),
        Message(text("a header line without a colon", b"this is no header\r\n"), BASE + 20),
        Message(text("an mbox head").replace(b"From:", b"From someone@example.com Tue Nov 14 22:13:20 2023\r\nFrom:", 1), BASE + 21),
        Message(text("mbox and SMTP traps", body=b"From here on\r\n.\r\n..\r\n>From there\r\nDATA\r\n.\r\n"), BASE + 22),
        Message(text("looks like IMAP", body=b"* 1 FETCH (BODY[] {5}\r\n)\r\nA1 OK done\r\nA2 DELETE INBOX\r\n{10+}\r\n"), BASE + 23),
        Message(text("an unfinished multipart", b'Content-Type: multipart/mixed; boundary="b"\r\n', b"--b\r\n\r\nhalf"), BASE + 24),
        Message(text("all flags"), BASE + 25, set(FLAGS)),
        Message(text("no flags"), BASE + 26),
        Message(text("keywords"), BASE + 27, {"Seen"}, ["$Forwarded", "$MDNSent", "$Junk", "NonJunk", "$label1"]),
        Message(text("keywords of its own"), BASE + 28, set(), ["Wichtig", "Project-X", "a.b", "with_underscore"]),
        Message(text("a keyword in capitals"), BASE + 29, set(), ["URGENT"]),
        Message(text("1970"), 1),
        Message(text("1994"), 757_382_400, {"Seen"}),
        Message(text("2037"), 2_114_380_800, {"Seen"}),
        Message(text("after 2038"), 2_524_608_000, {"Seen"}),
    ]
    if size:
        line = b"0123456789abcdef" * 4 + b"\r\n"
        found.append(Message(text("big", body=line * (size // len(line))), BASE + 99))
    return found


NAMES = (
    # path, subscribed
    (("Leer",), True),
    (("Sent",), True), (("Drafts",), True), (("Trash",), False), (("Junk",), True), (("Archive",), True),
    (("Projekte", "2019", "Contoso Rollout"), True),
    (("Kunden", "Müller & Söhne GmbH"), True),
    (("見積書",), True), (("Проекты", "Северный мост"), False), (("🛫 Reisen",), True), (("Zoe\u0308",), True),
    (("A&B",), True), (("&",), True), (('Notas "viejas"',), True), (("back\\slash",), True),
    (("(parens)",), True), (("{5}",), True), (("[brackets]",), True), (("NIL",), True), (("12345",), True), (("~tilde",), True),
    (("star*",), False), (("per%cent",), False), (("dot.in the name",), True), (("slash/in the name",), True),
    ((" leading blank",), True), (("trailing blank ",), True), (("two  blanks",), True),
    (("Case",), True), (("case",), True), (("INBOX2",), True), (("#hash",), True), (("!bang^",), True),
    (("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"), True),
    (("long " + "n" * 180,), True),
)


def folders(size=0):
    """The whole odd mailbox. Each named folder has two messages, so that a mix-up of two folders is seen."""
    found = [Folder(("INBOX",), True, messages(size))]
    for number, (path, subscribed) in enumerate(NAMES):
        items = [Message(text(f"in {'/'.join(path).encode('ascii', 'replace').decode()} {number}"), BASE + 1000 + number, {"Seen"}),
                 Message(text("exact duplicate"), BASE, {"Seen"})]
        found.append(Folder(path, subscribed, [] if path == ("Leer",) else items))
    return found
