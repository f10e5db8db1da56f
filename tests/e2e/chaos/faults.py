"""What goes wrong in one attempt: chosen by dice, told in a few words, done by the proxy or by the campaign."""

import asyncio
import random
import threading
import time

# Stop points of the program (docs/migrate.md), and how often a run passes them at most.
POINTS = {"pass-begin": 1, "folders-planned": 1, "folder-created": 6, "folder-subscribed": 6, "folder-open": 8, "folder-scanned": 8, "copy-intent": 9,
          "copy-appended": 40, "copy-recorded": 12, "match-hashed": 20, "flags-stored": 4, "folder-done": 8, "refused-kept": 2,
          "pass-end": 1}
MIRROR_POINTS = {"mirror-intent": 3, "mirror-moved": 3, "mirror-recorded": 3}
REFUSALS = (b"NO Request is throttled. Suggested Backoff Time: 300 milliseconds", b"NO [UNAVAILABLE] Internal error occurred, try later",
            b"NO message refused by a filter", b"NO [SERVERBUG] Server error. 17", b"NO [INUSE] the mailbox is locked",
            b"NO [LIMIT] message refused by a filter", b"BAD Command Argument Error. 11")


class Struck(Exception):
    """The connection is over, by the fault's will."""


class Fault:
    """Base of all: strikes once, after so many bytes of one way ("up" is to the server); by itself it does no harm."""

    side = None  # "source" or "target" when a proxy is needed there
    way = "down"
    only = None  # "literal": bytes of literals alone count, so that it strikes within one
    answer = b""
    setting = None  # (section, line) of the project file, for this attempt
    broken = None  # what the program did that it must not, when the fault itself can tell
    name = "nothing"

    def __init__(self, after=0):
        self.left, self.struck = after, threading.Event()

    def __str__(self):
        return self.name

    def due_in(self, size, kind, way, link):
        """At which byte of this piece of that connection it strikes, or None."""
        if way != self.way or self.struck.is_set() or not size or (self.only and kind != self.only):
            return None
        before, self.left = self.left, self.left - size
        return before if 0 <= before < size else None

    async def strike(self, link, sink, way):
        self.struck.set()

    def connected(self):
        """The program has come with a new connection."""

    def refuses(self, command):
        return False

    def loses_answer(self):
        return False


class AtByte(Fault):
    """Something that happens at a byte of one side's traffic."""

    def __init__(self, dice, word, only=None):
        self.side = dice.choice(("source", "target"))
        self.way = dice.choice(("up", "down", "down") if self.side == "source" else ("up", "up", "down"))
        heavy = (self.side, self.way) in (("source", "down"), ("target", "up"))
        super().__init__(int((dice.reach if heavy else 6_000) ** dice.uniform(0.35, 1.0)))
        self.only = only if heavy else None
        self.name = f"{word} {'to' if self.way == 'up' else 'from'} the {self.side} at {self.only or 'byte'} {self.left}"


class Cut(AtByte):
    def __init__(self, dice):
        super().__init__(dice, "cut")
        self.hard = dice.random() < 0.5

    async def strike(self, link, sink, way):
        await super().strike(link, sink, way)
        link.hard = self.hard
        if not self.hard:
            await sink.drain()
        raise Struck


class Bye(AtByte):
    """A BYE in the middle of a literal: beside it when the client sends, as a part of it when the server does."""

    def __init__(self, dice):
        super().__init__(dice, "BYE", only="literal")

    async def strike(self, link, sink, way):
        await super().strike(link, sink, way)
        link.client.write(b"* BYE Connection closed. 14\r\n")
        await link.client.drain()
        raise Struck


class Stall(AtByte):
    def __init__(self, dice):
        super().__init__(dice, "stall")
        self.seconds = dice.choice((0.3, 1.0, 2.5))

    async def strike(self, link, sink, way):
        await super().strike(link, sink, way)
        await sink.drain()
        await asyncio.sleep(self.seconds)


class Endless(Fault):
    """Nothing goes this way any more, and nothing is closed: only the program's own deadline helps."""

    async def strike(self, link, sink, way):
        await super().strike(link, sink, way)
        await sink.drain()
        await asyncio.Event().wait()


class Silent(Endless):
    """So deep within a single literal, whatever else goes by on other connections."""

    def __init__(self, side, way, deep):
        super().__init__()
        self.side, self.way, self.deep = side, way, deep
        self.gone = {}  # by connection: bytes of the literal that it is at

    def due_in(self, size, kind, way, link):
        if way != self.way or self.struck.is_set():
            return None
        before = self.gone.get(link, 0)
        self.gone[link] = before + size if kind == "literal" else 0
        return self.deep - before if kind == "literal" and before <= self.deep < before + size else None


class Hang(Endless, AtByte):
    """From any byte on."""

    setting = ("network", "mail_timeout: 2s")

    def __init__(self, dice):
        super().__init__(dice, "hang", only=dice.choice(("literal", None)))


class Talk(AtByte):
    """From the beginning of an answer on, its server says something for ever, and never what is awaited. Nothing that it says is untrue:
    what it tells of messages would be believed."""

    WORDS = b"* OK still here\r\n", b"* NO [ALERT] maintenance at noon\r\n", b"* 0 RECENT\r\n* FLAGS (\\Seen \\Flagged)\r\n"
    setting = ("network", "mail_timeout: 1s")

    def __init__(self, dice):
        super().__init__(dice, "talk")
        self.words = dice.choice(self.WORDS)
        self.way, self.name = "down", f"the {self.side} talks from byte {self.left} on: {self.words.decode()[:24].strip()}"

    @classmethod
    def of(cls, side, after):
        """Without dice."""
        talk = cls(Dice(side))
        talk.side, talk.left = side, after
        return talk

    def due_in(self, size, kind, way, link):
        if way != self.way or self.struck.is_set():
            return None
        self.left -= size
        return 0 if self.left < 0 and kind == "start" else None

    async def strike(self, link, sink, way):
        await super().strike(link, sink, way)
        while True:  # until the program goes away
            sink.write(self.words)
            await sink.drain()
            await asyncio.sleep(0.1)


class Dribble(AtByte):
    """From a byte on, some hundred bytes go one by one."""

    def __init__(self, dice):
        super().__init__(dice, "dribble")
        self.bytes_left = 300

    def due_in(self, size, kind, way, link):
        at = super().due_in(size, kind, way, link)
        return at if not self.struck.is_set() else (0 if way == self.way and self.bytes_left > 0 else None)

    async def strike(self, link, sink, way):
        await super().strike(link, sink, way)
        self.bytes_left -= 1
        await sink.drain()
        await asyncio.sleep(0.001)


class Refuse(Fault):
    """Some of the APPENDs, or of the FETCHes, get a NO, and never reach the server."""

    def __init__(self, dice):
        super().__init__()
        self.side, self.command, most = dice.choice((("target", "APPEND", 30), ("target", "APPEND", 30), ("source", "UID FETCH", 6)))
        self.answer, self.skip, self.count = dice.choice(REFUSALS), dice.randint(0, most), dice.randint(1, 6)
        self.name = f"{self.count} {self.command}s after {self.skip} refused: {self.answer.decode()[:24]}"

    def refuses(self, command):
        if command != self.command:
            return False
        self.skip -= 1
        if self.skip >= 0 or self.count <= 0:
            return False
        self.count -= 1
        self.struck.set()
        return True


class Throttle(Refuse):
    """One command is told how long to wait. Who comes back before that is in the wrong: there is one connection alone."""

    setting = ("policy", "lanes_per_mailbox: 1")
    EARLY = 0.01  # two clocks

    def __init__(self, dice):
        super().__init__(dice)
        self.count, self.wait = 1, dice.choice((0.4, 1.3, 2.6))
        self.answer = f"NO Request is throttled. Suggested Backoff Time: {self.wait * 1000:.0f} milliseconds".encode()
        self.until = 0
        self.name = f"{self.command} after {self.skip} throttled for {self.wait} s"

    def refuses(self, command):
        refused = super().refuses(command)
        if refused:
            self.until = time.monotonic() + self.wait
        return refused

    def connected(self):
        early = self.until - time.monotonic()
        if early > self.EARLY:
            self.broken = f"back {early:.2f} s too early"


class LoseAnswer(Fault):
    """An APPEND is done, its answer is lost with the connection."""

    side = "target"

    def __init__(self, dice):
        super().__init__()
        self.count = dice.randint(1, 35)
        self.name = f"the answer to APPEND {self.count} is lost"

    def loses_answer(self):
        self.count -= 1
        if self.count == 0:
            self.struck.set()
        return self.count == 0


class KillServer(AtByte):
    """SIGKILL of every process of the server; it is started again a moment later."""

    def __init__(self, dice):
        super().__init__(dice, "server killed")
        self.kill = None  # the campaign's function

    async def strike(self, link, sink, way):
        await super().strike(link, sink, way)
        threading.Thread(target=self.kill, args=(self.side,), daemon=True).start()
        raise Struck


class KillAtByte(AtByte):
    """SIGKILL of the program itself (or SIGINT) at a byte of its traffic."""

    def __init__(self, dice):
        self.number = dice.choice(("SIGKILL", "SIGKILL", "SIGINT"))
        super().__init__(dice, self.number)
        self.signal = None  # the campaign's function

    async def strike(self, link, sink, way):
        await super().strike(link, sink, way)
        self.signal(self.number)


class KillAtPoint(Fault):
    """SIGKILL at one of the program's own stop points."""

    points = POINTS

    def __init__(self, dice):
        super().__init__()
        point = dice.choice(list(self.points))
        self.point = f"{point}:{dice.randint(1, self.points[point])}"
        self.name = f"SIGKILL at {self.point}"


class KillInMirror(KillAtPoint):
    points = MIRROR_POINTS


class FullDisk(Fault):
    """No room for the state beyond some kilobytes."""

    def __init__(self, dice):
        super().__init__()
        self.kilobytes = dice.choice((0, 4, 16, 64))
        self.name = f"disk full, {self.kilobytes} kB left"


class FullTarget(Fault):
    """No room for the mailbox at the target beyond some kilobytes: its server says so in its own words."""

    def __init__(self, dice):
        super().__init__()
        self.kilobytes = dice.choice((0, 16, 100, 400))
        self.name = f"target full, {self.kilobytes} kB left"


class LostLedger(Fault):
    """The state is removed before this attempt, which itself is not disturbed."""

    name = "state lost"

    def __init__(self, dice):
        super().__init__()


class NewMail(Fault):
    """Mail arrives and flags change at the source before this attempt."""

    def __init__(self, dice):
        super().__init__()
        self.count, self.flag = dice.randint(1, 5), dice.choice(("Flagged", "Answered", "Seen"))
        self.name = f"{self.count} new, {self.flag}"


class Filed(Fault):
    """Before this attempt, which itself is not disturbed, the user files some of the INBOX at the source and deletes some."""

    def __init__(self, dice):
        super().__init__()
        self.filed, self.deleted, self.seed = dice.randint(1, 6), dice.randint(0, 3), dice.random()
        self.name = f"{self.filed} filed, {self.deleted} deleted"


KINDS = ((KillAtPoint, 6), (KillAtByte, 4), (Cut, 6), (Bye, 4), (LoseAnswer, 4), (Refuse, 4), (Throttle, 2), (Stall, 2), (Hang, 2), (Talk, 2),
         (Dribble, 2), (KillServer, 2), (FullDisk, 1), (FullTarget, 1), (LostLedger, 2), (NewMail, 3))
MIRROR_KINDS = (*KINDS, (Filed, 12), (KillInMirror, 10))
FULL = {"dovecot"}  # targets whose mailboxes can be put on a disk of their own


class Dice(random.Random):
    """With how many bytes there are to strike at: each attempt leaves less to do for the next."""

    reach = 0


def throw(dice, size, target="dovecot"):
    """The faults of one run on a mailbox of so many bytes, in order: one for each attempt."""
    kinds, weights = zip(*((kind, weight) for kind, weight in KINDS if kind is not FullTarget or target in FULL))
    found = []
    for number, kind in enumerate(dice.choices(kinds, weights, k=dice.randint(1, 5))):
        dice.reach = size // (number + 1)
        found.append(kind(dice))
    return found


def throw_at_mirror(dice, size):
    """The same for a mirror: what its user does at the source comes first, and the copy has less to carry."""
    dice.reach = size // 20
    return [Filed(dice), *(kind(dice) for kind in dice.choices(*zip(*MIRROR_KINDS), k=dice.randint(2, 6)))]
