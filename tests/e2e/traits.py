"""What each real server refuses and what it alters, as data with the reason: the comparer expects exactly that, nothing more.

Measured by APPEND and FETCH on Dovecot 2.3, Cyrus 3.6 and Courier 5.0 as their packages set them up (tests/lab). They are so
by their own choice or their administrator's; cutover alters nothing.
"""

import re

HEADER_LINE = re.compile(rb"[!-9;-~]+[ \t]*:|[ \t]|>?From ")


def put(pattern, becomes):
    return lambda body: re.sub(pattern, becomes, body)


def refuse(pattern):
    return lambda body: None if re.search(pattern, body) else body


def head_of(body):
    return re.match(rb"(?:[^\r\n]+(?:\r\n)?)*", body).group()


def refuse_odd_header(body):
    lines = head_of(body).split(b"\r\n")
    return body if all(HEADER_LINE.match(line) for line in lines if line) else None


def munge_header(body):
    head = head_of(body)
    return re.sub(rb"[\x80-\xff]", b"X", head) + body[len(head):]


# kind: [(reason, what it makes of a body, None where it refuses the message)]
BODIES = {
    "dovecot": (
        ("a NUL is stored as 0x80", put(rb"\0", b"\x80")),
        ("each line ends with CRLF", put(rb"(?<!\r)\n", b"\r\n")),
    ),
    "cyrus": (
        ("NO Message contains NUL characters", refuse(rb"\0")),
        ("NO Message contains bare newlines", refuse(rb"(?<!\r)\n")),
        ("NO Zero-length message literal", refuse(rb"\A\Z")),
        ("NO Message contains invalid header", refuse_odd_header),
        ("munge8bit: X for each 8-bit byte of the header", munge_header),
    ),
    "courier": (
        ("each line ends with CRLF", put(rb"(?<!\r)\n", b"\r\n")),
        ("a CR that ends no line is dropped", put(rb"\r(?!\n)", b"")),
        ("the last line ends with CRLF", put(rb"(?<!\n)\Z", b"\r\n")),
    ),
}
FUTURE_BECOMES_NOW = {"dovecot"}  # an INTERNALDATE that is still to come
MAKES_PARENTS = {"cyrus"}  # CREATE a/b makes `a` too, as a folder that can be selected
# What CREATE does not take in a level of a name; cutover takes a plainer one then (naming_plainer in migrate/naming.c).
REFUSED_NAMES = {
    "dovecot": ("begins with '~'", re.compile(r"\A~")),
    "cyrus": ("characters that shells stumble over", re.compile(r"[\"\\{}%^|<>;`]")),
    "courier": ("a character beyond U+FFFF", re.compile("[\U00010000-\U0010ffff]")),
}
PLAINER = re.compile("[\"\\\\{}^|<>;`'~\U00010000-\U0010ffff]")
DELIMITER = {"dovecot": "/", "cyrus": "/", "courier": "."}  # as a target


def stored(kind, body):
    """The bytes that a server of this kind shows for `body`, or None when it refuses the message."""
    for _, make in BODIES[kind]:
        body = make(body) if body is not None else None
    return body


def spelled(kind, path):
    """The path that cutover chooses for it at such a target (docs/migrate.md)."""
    if path == ("INBOX",):
        return path
    levels = tuple(re.sub(rf"[{re.escape(DELIMITER[kind])}*%]", "_", level) for level in path)
    if any(REFUSED_NAMES[kind][1].search(level) for level in levels):
        levels = tuple(PLAINER.sub("_", level).strip(" ") for level in levels)
    return levels
