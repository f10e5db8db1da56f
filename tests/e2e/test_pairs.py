"""Dovecot, Cyrus and Courier, each as source and as target: all nine pairs copy the odd mailbox whole, by the comparer's word.

What a server refuses or alters is known beforehand (traits.py), message by message: the report must name exactly these, the
exit status follow from them, and everything else be equal. With CUTOVER_LONG=1 also a message of 100 MB.
"""

import concurrent.futures
import contextlib
import imaplib
import os
import sqlite3
import unittest

import compare
import oddmail
from pairs import RECEIVER, SENDER, SERVER, Loader, Verdict, World

LONG = os.environ.get("CUTOVER_LONG") == "1"
PAIRS = [(src, dst) for src in SERVER["source"] for dst in SERVER["target"]]
NEWS = oddmail.Message(oddmail.text("arrived after the first pass"), oddmail.BASE + 5000, {"Flagged"}, ["$Forwarded"])
# Two kinds are compressed on the way where they offer it, two of a kind are not.
OFFER = {"dovecot", "cyrus"}
FLAGGED = "5"  # the UID of a message in each INBOX whose flags change between the passes


class Pairs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.spoils = dict.fromkeys(SERVER["target"], 0)  # what a target made of the oddest source
        cls.addClassCleanup(cls.world.lab.down)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            taken = dict(zip(SERVER["source"], pool.map(cls.fill, SERVER["source"])))
        print(f"      messages that each source took: {taken}")
        assert min(taken.values()) > 80, taken

    @classmethod
    def fill(cls, kind):
        return Loader(cls.world.side("source", kind, SENDER)).load(oddmail.folders(100_000_000 if LONG else 0))

    def each_pair(self, one):
        """All pairs, several at once; every failure is told."""
        def tried(pair):
            try:
                return one(*pair)
            except (AssertionError, OSError, imaplib.IMAP4.error, compare.Unreadable) as error:
                return str(error)
        with concurrent.futures.ThreadPoolExecutor(max_workers=3) as pool:
            bad = [f"{src} to {dst}: {problem}" for (src, dst), problem in zip(PAIRS, pool.map(tried, PAIRS)) if problem]
        self.assertEqual([], bad, "\n".join(bad))

    def test_1_the_odd_mailbox_arrives(self):
        type(self).projects = {(src, dst): self.world.project(src, dst, "never" if src == dst else "always") for src, dst in PAIRS}
        self.each_pair(self.first_pass)
        # The odd mailbox is odd to each of them: else nothing was tried.
        self.assertGreater(min(self.spoils.values()), 0, self.spoils)

    def test_2_later_mail_and_flags_follow_and_nothing_else(self):
        for kind in SERVER["source"]:
            sender = self.world.side("source", kind, SENDER)
            assert Loader(sender).folder(oddmail.Folder(("INBOX",), True, [NEWS])) == 1
            sender.open("INBOX", readonly=False)
            sender.asked("uid", "STORE", FLAGGED, "-FLAGS", "(\\Seen)")
            sender.asked("uid", "STORE", FLAGGED, "+FLAGS", "(\\Flagged \\Answered $label1)")
            sender.close()
        self.each_pair(self.next_pass)

    def test_3_what_vanished_is_told_without_a_listing(self):
        """QRESYNC at real servers: after removals and a move the ledger is what a whole listing would make of it."""
        for src in ("dovecot", "cyrus"):
            sender = self.world.side("source", src, SENDER)
            folder = next(name for path, name in sender.folders().items() if path != ("INBOX",) and self.uids(sender, name))
            uids = self.uids(sender, "INBOX")
            sender.open("INBOX", readonly=False)
            sender.asked("uid", "STORE", f"{uids[0]},{uids[2]},{uids[-1]}", "+FLAGS", "(\\Deleted)")
            sender.asked("expunge")
            sender.asked("uid", "COPY", str(uids[5]), compare.quoted(folder))
            sender.asked("uid", "STORE", str(uids[5]), "+FLAGS", "(\\Deleted)")
            sender.asked("expunge")
            sender.close()
            result = self.projects[src, "dovecot"].run("copy", "--json", "--verbose")
            self.assertIn(result.status, (0, 1), result)  # of the odd mailbox something is always refused
            self.assertEqual(1, result.json()["mailboxes"][0]["copied"], result)
            result.hides("is listed as a whole")
            sender = self.world.side("source", src, SENDER)
            there = {name: self.uids(sender, name) for name in ("INBOX", folder)}
            sender.close()
            self.assertEqual(there, self.present(self.projects[src, "dovecot"], there))

    @staticmethod
    def uids(side, name):
        side.open(name)
        return side.searched("ALL")

    @staticmethod
    def present(cut, names):
        """What the ledger has at the source."""
        with contextlib.closing(sqlite3.connect(cut.dir / ".cutover" / "state.db")) as db:
            rows = db.execute("SELECT f.src_name, m.uid FROM ledger_message m JOIN ledger_folder f ON f.id = m.folder"
                              " WHERE m.present = 1 ORDER BY m.uid").fetchall()
        return {name: [uid for of, uid in rows if of == name] for name in names}

    def first_pass(self, src, dst):
        return self.judged(src, dst, copied=None)

    def next_pass(self, src, dst):
        return self.judged(src, dst, copied=1)

    def judged(self, src, dst, copied):
        """None when all is as it must be at this pair; `copied`: so many were in this pass, None for all that the target takes."""
        cut = self.projects[src, dst]
        result = cut.run("copy", "--json")
        with self.world.side("source", src, SENDER) as sender, self.world.side("target", dst, RECEIVER[src]) as receiver:
            verdict = Verdict(dst, sender, receiver)
        bad = [*verdict.found, *verdict.misnamed(cut)]
        if bad:
            return "\n  ".join(bad) + f"\n{result}"
        result.exits(verdict.status(first=copied is None))
        box = result.json()["mailboxes"][0]
        percent = result.json()["wire_percent"]
        if src != dst and OFFER & {src, dst}:
            self.assertIn(percent, range(1, 100), result)
        else:
            self.assertIsNone(percent, result)
        self.assertEqual(len(verdict.refused), box["refused"], result)
        self.assertEqual(box["messages"] - len(verdict.refused) if copied is None else copied, box["copied"], result)
        self.spoils[dst] = max(self.spoils[dst], len(verdict.refused) + len(verdict.spoiled) + len(verdict.dated))
        return None


if __name__ == "__main__":
    unittest.main()
