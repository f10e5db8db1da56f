"""Two servers whose mail is put back before each run: Dovecot by its files, Cyrus and Courier over IMAP."""

import collections
import csv
import random
import re
import shutil
import subprocess

import compare
import mailgen
import oddmail
import pairs
from support import Cutover

BIG = "office"  # its mailbox is one for several lanes
OTHER = "anna.weber"  # whose mailbox is the target of all where one server is both sides


def folders(local):
    """What the mailbox holds at first: small, or some hundred messages in some twenty folders."""
    if local != BIG:
        return mailgen.mailbox("cutover", local, "small")
    found = mailgen.mailbox("cutover", local, "full")
    for other in ("anna.weber", "ben.okafor", "carla.diaz", "dmitri.petrov", "emi.tanaka"):
        have = {folder.path for folder in found}
        found += [folder for folder in mailgen.mailbox("cutover", other, "small") if folder.path not in have]
    return found


class World:
    """One pair of servers, by their kinds. Each kind is tried as it is; who has an account at one has it at all."""

    def __init__(self, src="dovecot", dst="dovecot"):
        self.kinds, self.is_one = {"source": src, "target": dst}, src == dst != "dovecot"
        more = sorted({src, dst} - {"dovecot"})
        self.pairs = pairs.World(servers=",".join(["mail", *more]), mail="small" if src == "dovecot" else "none")
        self.lab, self.rows = self.pairs.lab, self.pairs.rows
        self.shelves = {role: (Files if kind == "dovecot" else OverImap)(self, role) for role, kind in self.kinds.items()}

    def server(self, role):
        """Its name in the lab."""
        return pairs.SERVER[role][self.kinds[role]]

    def host(self, role):
        return self.pairs.host(role, self.kinds[role])

    def account(self, role, local):
        return OTHER if self.is_one and role == "target" else local

    def side(self, role, local):
        return self.pairs.side(role, self.kinds[role], self.account(role, local))

    def fresh(self, local):
        """The mailbox as it was at the source, none at the target, and a project for it."""
        for shelf in self.shelves.values():
            shelf.drop_sessions()
        self.shelves["source"].put_back(local)
        self.shelves["target"].clear(local)
        cut = Cutover(self.lab)
        for role, usual in (("source", "SOURCE"), ("target", "TARGET")):
            cut.edit(f"imaps://{self.lab.env[f'LAB_{usual}_HOST']}", f"imaps://{self.host(role)[0]}")
        cut.set_line("connect_to", f"{{ {', '.join(sorted({': '.join(self.host(role)) for role in self.kinds}))} }}")
        with open(cut.dir / "users.csv", "w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(["EmailAddress", "UserName", "Password", "TargetUserName", "TargetPassword"])
            accounts = {role: self.account(role, local) for role in self.kinds}
            out.writerow([self.rows[local]["EmailAddress"], *(word for role, account in accounts.items() for word in (
                self.rows[account]["EmailAddress"], self.pairs.password(role, self.kinds[role], account)))])
        return cut

    def size(self, local):
        """In bytes, without what a run lets arrive."""
        return sum(len(item.data) for folder in folders(local) for item in folder.messages)

    def target_home(self, local):
        """The directory of the mailbox at a target that has one (faults.FULL)."""
        return self.shelves["target"].home(local)

    def restart(self, role):
        """By SIGKILL."""
        self.lab.do("kill", self.server(role))
        self.lab.do("start", self.server(role))

    def news(self, local, name, count, flag):
        """Mail arrives and flags change, as a person's own program would do it."""
        with self.side("source", local) as source:
            for number in range(count):
                text = oddmail.text(f"new {name} {number}", body=b"some lines of text\r\n" * 50 * number)
                source.asked("append", "INBOX", "()", None, text)
            source.open("INBOX", readonly=False)
            source.asked("store", "1:3", "+FLAGS", f"(\\{flag})")
            source.asked("store", "4:5", "-FLAGS", f"(\\{flag})")

    def uids(self, role, local):
        """Of the INBOX."""
        with self.side(role, local) as side:
            side.open("INBOX")
            return set(side.searched("ALL"))

    def file(self, local, fault, among):
        """Some of these messages of the INBOX go to another folder, some go for ever: the digests of all of them, counted."""
        with self.side("source", local) as source:
            name = compare.quoted(f"{source.prefix}Filed")
            if ("Filed",) not in source.folders():
                source.asked("create", name)
            source.open("INBOX", readonly=False)
            there = sorted(among.intersection(source.searched("ALL")))
            chosen = random.Random(fault.seed).sample(there, min(len(there), fault.filed + fault.deleted))
            gone = collections.Counter(message.digest for _, message in source.fetched("INBOX", chosen)) if chosen else collections.Counter()
            for uid in chosen[:fault.filed]:
                source.asked("uid", "MOVE", str(uid), name)
            for uid in chosen[fault.filed:]:
                source.asked("uid", "STORE", str(uid), "+FLAGS.SILENT", "(\\Deleted)")
                source.asked("uid", "EXPUNGE", str(uid))
            return gone

    def mirror_verdict(self, local, gone):
        """(a sentence for each difference but that what vanished from the INBOX is there once each, in it or put aside; how many are aside)."""
        with self.side("source", local) as src, self.side("target", local) as dst:
            wanted, given = compare.read_side(src), compare.read_side(dst)
        aside, inbox = given.pop(("cutover removed",), {}), ("INBOX",)
        before, after = wanted.pop(inbox), given.pop(inbox)
        found = list(compare.folder_differences("INBOX", before, after, allow_extra=True))
        vanished = digests(after) - digests(before) + digests(aside)
        if vanished != gone:
            found += [f"vanished at the source: {dict(gone)}; at the target: {dict(vanished)}"]
        return found + list(compare.differences(wanted, given)), sum(digests(aside).values())

    def verdict(self, local):
        """(a sentence for each difference, the exit status that a copy of this mailbox has at this target)."""
        with self.side("source", local) as src, self.side("target", local) as dst:
            if self.kinds["target"] != "dovecot":
                judged = pairs.Verdict(self.kinds["target"], src, dst)
                return judged.found, judged.status(first=False)
            found = list(compare.differences(compare.read_side(src), compare.read_side(dst)))
            left = src.subscriptions() ^ dst.subscriptions()
            return found + [f"subscribed at one side only: {path}" for path in left - {("INBOX",)}], 0


def digests(messages):
    """How often each body is among them, whatever its flags."""
    counted = collections.Counter()
    for message, uids in messages.items():
        counted[message.digest] += len(uids)
    return counted


class Files:
    """Dovecot: a mailbox is a directory."""

    def __init__(self, world, role):
        self.world, self.dir, self.has_big = world, world.lab.dir / world.server(role), False
        if role == "source":
            subprocess.run(["cp", "-a", str(self.dir / "mail"), str(self.dir / "kept")], check=True)

    def home(self, local):
        return self.dir / "mail" / self.world.rows[local]["EmailAddress"]

    def drop_sessions(self):
        """Nobody writes any more to a mailbox that goes away."""
        subprocess.run(["doveadm", "-c", str(self.dir / "dovecot.conf"), "kick", "*"], capture_output=True, check=False)

    def clear(self, local):
        shutil.rmtree(self.home(local), ignore_errors=True)

    def put_back(self, local):
        if local == BIG and not self.has_big:
            self.keep_big()
        self.clear(local)
        subprocess.run(["cp", "-a", str(self.dir / "kept" / self.home(local).name), str(self.dir / "mail")], check=True)

    def keep_big(self):
        """Made when a run first needs it: the lab's own mail is small."""
        kept = self.dir / "kept" / self.home(BIG).name
        self.clear(BIG)
        with self.world.side("source", BIG) as side:
            pairs.Loader(side).load(folders(BIG))
        self.drop_sessions()
        shutil.rmtree(kept)
        subprocess.run(["cp", "-a", str(self.home(BIG)), str(kept)], check=True)
        self.has_big = True


class OverImap:
    """What is put there through the protocol is taken away through it, too. A run has ended with a quiet copy, so no session lives."""

    def __init__(self, world, role):
        self.world, self.role, self.filled = world, role, {}

    def drop_sessions(self):
        pass

    def home(self, local):
        return self.world.lab.dir / self.world.server(self.role) / local

    def clear(self, local):
        with self.world.side(self.role, local) as side:
            for _, name, _ in sorted(side.listed("LSUB"), reverse=True):
                side.asked("unsubscribe", compare.quoted(name))
            for path, name in sorted(side.folders().items(), reverse=True):
                if path != ("INBOX",):
                    side.asked("delete", compare.quoted(name))
            expunge(side, 1)

    def put_back(self, local):
        """Filled once; later only what came meanwhile goes away again. Flags stay as they are: both sides are compared."""
        if local not in self.filled:
            self.clear(local)
            with self.world.side(self.role, local) as side:
                pairs.Loader(side).load(folders(local))
                self.filled[local] = int(re.search(rb"UIDNEXT (\d+)", side.asked("status", "INBOX", "(UIDNEXT)")[0])[1])
        with self.world.side(self.role, local) as side:
            expunge(side, self.filled[local])


def expunge(side, first):
    """The INBOX's messages from this UID on. Without CLOSE: the mail has messages that are only marked."""
    side.open("INBOX", readonly=False)
    # "N:*" names the last message too when there is none from N on (RFC 3501 6.4.8).
    found = ",".join(str(uid) for uid in side.searched("UID", f"{first}:*") if uid >= first)
    if found:
        side.asked("uid", "STORE", found, "+FLAGS.SILENT", "(\\Deleted)")
        side.asked("uid", "EXPUNGE", found)
