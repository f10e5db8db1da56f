"""Pairs of real servers: who is there, how an account is filled, and how the comparer judges what one kind makes of another's mail."""

import csv
import time

import compare
import traits
from labkit.fill import utf7
from support import Cutover, Lab

SERVER = {"source": {"dovecot": "source", "cyrus": "cyrus", "courier": "courier"},
          "target": {"dovecot": "target", "cyrus": "cyrus", "courier": "courier"}}
# The odd mailbox of each source is this one's; who receives it at a target tells where it came from.
SENDER = "office"
RECEIVER = {"dovecot": "anna.weber", "cyrus": "ben.okafor", "courier": "emi.tanaka"}


class World:
    """The four servers (Dovecot twice, for its two shapes) and who may log in there."""

    def __init__(self, servers="mail,cyrus,courier", mail="none", **options):
        self.lab = Lab.up(servers=servers, mail=mail, **options)
        with open(self.lab.env["LAB_USERS_FIXED"], newline="", encoding="utf-8") as file:
            self.rows = {row["EmailAddress"].split("@")[0]: row for row in csv.DictReader(file)}

    def host(self, role, kind):
        name = SERVER[role][kind].upper()
        return self.lab.env[f"LAB_{name}_HOST"], self.lab.env[f"LAB_{name}_ADDRESS"]

    def password(self, role, kind, local):
        return self.rows[local]["Password" if SERVER[role][kind] == "source" else "TargetPassword"]

    def side(self, role, kind, local):
        return compare.Side(*self.host(role, kind), self.lab.env["LAB_CA"], self.rows[local]["EmailAddress"],
                            self.password(role, kind, local))

    def project(self, src, dst, compress="never", person=None):
        """A project for one mailbox: the odd one, or that of `person` at both sides."""
        cut = Cutover(self.lab)
        cut.edit("policy:\n", f"copy:\n  compress: {compress}\npolicy:\n")
        sender, receiver = (person, person) if person else (SENDER, RECEIVER[src])
        for role, kind, usual in (("source", src, "SOURCE"), ("target", dst, "TARGET")):
            cut.edit(f"imaps://{self.lab.env[f'LAB_{usual}_HOST']}", f"imaps://{self.host(role, kind)[0]}")
        hosts = {": ".join(self.host(role, kind)) for role, kind in (("source", src), ("target", dst))}
        cut.set_line("connect_to", f"{{ {', '.join(sorted(hosts))} }}")
        with open(cut.dir / "users.csv", "w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(["EmailAddress", "UserName", "Password", "TargetUserName", "TargetPassword"])
            out.writerow([self.rows[receiver]["EmailAddress"], self.rows[sender]["EmailAddress"], self.password("source", src, sender),
                          self.rows[receiver]["EmailAddress"], self.password("target", dst, receiver)])
        return cut


class Loader:
    """Fills an account over IMAP. What its server does not take it does not have."""

    def __init__(self, side):
        self.side, self.link = side, side.link
        self.delimiter = "." if side.prefix else "/"

    def load(self, folders):
        """How many messages the server took."""
        return sum(self.folder(folder) for folder in folders)

    def folder(self, folder):
        inbox = folder.path == ("INBOX",)
        name = compare.quoted("INBOX" if inbox else self.side.prefix + utf7(self.delimiter.join(folder.path)))
        if not inbox and self.link.create(name)[0] != "OK":
            return 0
        if folder.subscribed and not inbox:
            self.link.subscribe(name)
        return sum(self.append(name, item) for item in folder.messages)

    def append(self, name, item):
        flags = " ".join([*(f"\\{flag}" for flag in sorted(item.flags)), *item.keywords])
        stamp = time.strftime('"%d-%b-%Y %H:%M:%S +0000"', time.gmtime(item.date))
        self.link.literal = item.data  # imaplib's own append() would mend the line ends
        return self.link._simple_command("APPEND", name, f"({flags})", stamp)[0] == "OK"


class Verdict:
    """What is at a target beside what its kind of server makes of the source's mail. Its lists hold (folder, UID) at the source."""

    def __init__(self, kind, src, dst):
        self.kind, now = kind, time.time()
        self.refused = {}  # by the target, with the bytes
        self.spoiled, self.evened, self.dated = [], [], []  # by the target: in bytes, in line ends alone, by another date
        src.as_stored = self.as_stored
        wanted = {traits.spelled(kind, path): self.read(src, name, now) for path, name in src.folders().items()}
        given = {path: self.read(dst, name, now) for path, name in dst.folders().items()}
        self.forgive_parents(wanted, given)
        self.found = list(compare.differences(wanted, given)) + self.subscriptions(src, dst)

    def as_stored(self, name, uid, body):
        made = traits.stored(self.kind, body)
        if made is None:
            self.refused[name, uid] = body
        elif compare.with_even_ends(made) != compare.with_even_ends(body):
            self.spoiled.append((name, uid))
        elif made != body:
            self.evened.append((name, uid))
        return made

    def read(self, side, name, now):
        return compare.index((uid, self.seen((name, uid) if side.as_stored else None, message, now)) for uid, message in side.messages(name))

    def seen(self, place, message, now):
        """Without what the server's nature makes differ: a date to come may have become that of the APPEND."""
        late = self.kind in traits.FUTURE_BECOMES_NOW and message.instant > now - 900
        if late and place and message.instant > now + 900:
            self.dated.append(place)
        return message._replace(even="", instant=0 if late else message.instant)

    def status(self, first):
        """What `copy` ends with: a date that is replaced is told when it happens, and a recorded loss from then on."""
        return 1 if self.refused or self.spoiled or (first and self.dated) else 0

    def misnamed(self, cut):
        """A sentence for each thing of these that the report does not tell by name, and for what it tells beyond."""
        report = cut.run("report", "--json", exits=0).json()
        told = {"refused": report["refusals"]}
        for remark in report["remarks"]:
            told.setdefault(remark["kind"], []).append(remark)
        told.pop("folder", None)  # its names are the comparer's affair
        known = {"refused": self.refused, "missing": self.spoiled, "altered": self.evened, "date": self.dated}
        for kind in sorted(known.keys() | told.keys()):
            wanted, given = sorted(known.get(kind, ())), sorted((item["folder"], item["uid"]) for item in told.get(kind, ()))
            if wanted != given:
                yield f"the report tells as {kind}: {given}; the target has so: {wanted}"
        for item in report["refusals"]:
            kept = cut.dir / ".cutover" / "quarantine" / str(item["file"])
            if not kept.is_file() or kept.read_bytes() != self.refused.get((item["folder"], item["uid"])):
                yield f"'{item['folder']}' UID {item['uid']} is refused and not kept as it is ({item['file']})"

    def forgive_parents(self, wanted, given):
        if self.kind in traits.MAKES_PARENTS:
            for path in [path for path in given if path not in wanted and not given[path]]:
                if any(path == longer[:len(path)] for longer in wanted):
                    del given[path]

    def subscriptions(self, src, dst):
        wanted = {traits.spelled(self.kind, path) for path in src.subscriptions()} - {("INBOX",)}
        given = dst.subscriptions() - {("INBOX",)}
        return [f"subscribed at one side only: {path}" for path in sorted(wanted ^ given)]
