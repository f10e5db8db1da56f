"""The bench's mail: made from a seed, the same each time, written as the files of a Maildir or an mbox.

Bodies are cut from one block of pseudo-random base64, so that nothing compresses better than mail does and a
gigabyte is written in seconds. Every message has a Message-ID of its own and so a hash of its own.
"""

import base64
import os
import random
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ["", "Sent", "Drafts", "Trash", "Archive", "Archive.2019", "Archive.2020", "Archive.2021", "Customers",
           "Customers.Nwtraders", "Invoices", "Lists", "Empty"]
WEIGHTS = [30, 14, 1, 3, 8, 9, 9, 8, 6, 4, 5, 3, 0]
OLDEST, NEWEST = 1420070400, 1767225600  # INTERNALDATEs: 2015 to 2026
SOME_DAY = "Thu, 01 Jan 2015 00:00:00 +0000"


@dataclass(frozen=True)
class Corpus:
    name: str
    messages: int
    bytes: int  # of all of it, about
    kind: str = "small"
    folders: tuple = tuple(zip(FOLDERS, WEIGHTS))

    def counts(self):
        """[(folder, messages)] that add up."""
        total = sum(weight for _, weight in self.folders)
        numbers = [(name, self.messages * weight // total) for name, weight in self.folders]
        first = numbers[0]
        return [(first[0], first[1] + self.messages - sum(count for _, count in numbers))] + numbers[1:]


ONE = (("", 1),)
CORPORA = {corpus.name: corpus for corpus in (
    Corpus("tiny", 300, 6_000_000, "mixed"),
    Corpus("mixed", 2_000, 172_000_000, "mixed"),
    Corpus("small", 20_000, 50_000_000),
    Corpus("big", 400, 400_000_000, "big"),
    Corpus("one", 20_000, 50_000_000, "small", ONE),
    Corpus("thousand", 1_000, 2_500_000, "small", ONE),
    Corpus("hundred-thousand", 100_000, 120_000_000, "small", ONE),
    Corpus("million", 1_000_000, 700_000_000, "small", ONE),
    Corpus("huge", 3, 300_000_000, "huge", ONE),
    Corpus("box", 100, 1_000_000, "small", (("", 3), ("Sent", 1))),  # one of many mailboxes
)}

SHARES = {  # of the messages, and how big they are beside each other: from, to
    "mixed": [(0.70, 2, 20), (0.20, 20, 150), (0.09, 150, 900), (0.01, 1000, 6000)],
    "small": [(1.0, 1, 4)],
    "big": [(1.0, 500, 1500)],
    "huge": [(1.0, 100, 100)],
}


def sizes(corpus, chance):
    """Random sizes whose sum is the corpus's; one of "huge" has half of all."""
    if corpus.kind == "huge":
        return [corpus.bytes // 2] + [corpus.bytes // 4] * (corpus.messages - 1)
    raw = []
    for share, low, high in SHARES[corpus.kind]:
        raw += [chance.uniform(low, high) for _ in range(round(share * corpus.messages))]
    raw = (raw + [1.0] * corpus.messages)[:corpus.messages]
    chance.shuffle(raw)
    scale = corpus.bytes / sum(raw)
    return [max(300, round(size * scale)) for size in raw]


class Letters:
    """A block of base64 lines; a body is a piece of it that begins at a line."""

    LINE, LINES = 77, 60_000

    def __init__(self, seed):
        raw = random.Random(f"{seed}/letters").randbytes(57 * self.LINES)
        self.block = base64.encodebytes(raw)

    def body(self, size, chance):
        at = chance.randrange(self.LINES) * self.LINE
        text = self.block[at:at + size]
        while len(text) < size:
            text += self.block[:size - len(text)]
        return text[:-1] + b"\n"


def message(letters, chance, key, size):
    head = (f"From: Sender {key} <sender{chance.randrange(400)}@nwtraders.com>\n"
            f"To: bench@treyresearch.com\nSubject: Message {key} of the bench\nDate: {SOME_DAY}\n"
            f"Message-ID: <{key}@bench.nwtraders.com>\nMIME-Version: 1.0\nContent-Type: text/plain\n\n").encode()
    return head + letters.body(max(80, size - len(head)), chance)


def flags(chance):
    return "".join(sorted(letter for letter, odds in (("S", 0.8), ("R", 0.2), ("F", 0.05)) if chance.random() < odds))


def fill_maildir(root, corpus, seed="cutover"):
    """The whole corpus below `root`, which is a Maildir++; the number of messages."""
    chance, letters = random.Random(f"{seed}/{corpus.name}"), Letters(seed)
    left = iter(sizes(corpus, chance))
    for name, count in corpus.counts():
        directory = open_folder(root, name)
        for number in range(count):
            write(directory, number, message(letters, chance, f"{corpus.name}.{name}.{number}", next(left)), chance)
    return corpus.messages


def open_folder(root, name):
    directory = Path(root) / f".{name}" if name else Path(root)
    for sub in ("cur", "new", "tmp"):
        (directory / sub).mkdir(mode=0o700, parents=True, exist_ok=True)
    if name:
        (directory / "maildirfolder").touch()
    return str(directory / "cur")


def write(directory, number, data, chance):
    """One file, named as Dovecot names it: the size on disk, the size with CRLF, the flags."""
    date = chance.randrange(OLDEST, NEWEST)
    wire = len(data) + data.count(b"\n")
    # The name sorts in the order of arrival, which is the order in which Dovecot gives UIDs.
    path = f"{directory}/{OLDEST + number}.M{number:07}P1.bench,S={len(data)},W={wire}:2,{flags(chance)}"
    with open(path, "wb", buffering=0) as out:
        out.write(data)
    os.utime(path, (date, date))


def add_delta(root, corpus, turn, share=0.01, seed="cutover"):
    """New mail, spread over the folders as the old is: `share` of the corpus; how many."""
    chance, letters = random.Random(f"{seed}/{corpus.name}/{turn}"), Letters(seed)
    delta = Corpus(corpus.name, max(1, round(corpus.messages * share)), max(1, round(corpus.bytes * share)),
                   corpus.kind, corpus.folders)
    left = iter(sizes(delta, chance))
    for name, count in delta.counts():
        directory = open_folder(root, name)
        for number in range(count):
            key = f"{corpus.name}.{name}.{turn}.{number}"
            write(directory, 10_000_000 * (turn + 1) + number, message(letters, chance, key, next(left)), chance)
    return delta.messages


def add_oversize(root, corpus, size=200_000, seed="cutover"):
    """One message that is bigger than a target takes, among small ones: in the middle of the INBOX by its name and so by its UID."""
    chance, letters = random.Random(f"{seed}/oversize"), Letters(seed)
    middle = corpus.counts()[0][1] // 2
    write(str(Path(root) / "cur"), middle - 0.5, message(letters, chance, "oversize", size), chance)


def fill_mbox(path, corpus, seed="cutover"):
    """All as one mbox file: a million files would take longer to make than to copy."""
    chance, letters = random.Random(f"{seed}/{corpus.name}"), Letters(seed)
    with open(path, "wb", buffering=1 << 20) as out:
        for number, size in enumerate(sizes(corpus, chance)):
            out.write(b"From sender Thu Jan  1 00:00:00 2015\n")
            out.write(message(letters, chance, f"{corpus.name}.{number}", size))
            out.write(b"\n")
    return corpus.messages
