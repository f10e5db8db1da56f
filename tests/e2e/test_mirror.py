"""`copy --mirror`: users go on reading, filing and deleting at the old side between the passes, and some begin at the new one.

With CUTOVER_LONG=1 also at a Cyrus. What connections that are cut do to it: chaos/run --mirror.
"""

import os
import re
import unittest

import pairs
from support import Cutover, Lab, Steps, mailbox

LONG = os.environ.get("CUTOVER_LONG") == "1"
CARLA = "carla.diaz@treyresearch.com"
ASIDE = "cutover removed"
DATE = '"17-Jul-2025 02:44:25 -0700"'
MAIL = b"Message-ID: <mirror-%d@treyresearch.com>\r\nSubject: mirror %d\r\n\r\nkept by its user\r\n"


def box(document, address=CARLA):
    return next(one for one in document["mailboxes"] if one["mailbox"] == address)


class Mirror(Steps):
    maxDiff = None
    servers = "all"

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(mx_ttl=600, servers=cls.servers)
        cls.addClassCleanup(cls.lab.down)
        cls.cut = Cutover(cls.lab)
        cls.users = cls.cut.use_only(cls.lab.env["LAB_USERS_FIXED"], CARLA)

    def account(self, side):
        return mailbox(self.lab, "carla.diaz", side)

    def put(self, side, *numbers, flags="(\\Seen)"):
        with self.account(side) as account:
            for number in numbers:
                account.asked("append", "INBOX", flags, DATE, MAIL % (number, number))

    def act(self, side, number, *command):
        """What a user's client does with one message of INBOX."""
        with self.account(side) as account:
            account.open("INBOX", readonly=False)
            uids = account.searched("SUBJECT", f'"mirror {number}"')
            self.assertEqual(1, len(uids), f"mirror {number} at the {side}")
            account.asked("uid", command[0], str(uids[0]), *command[1:])

    def file(self, number):
        self.act("source", number, "MOVE", self.archive)

    def delete(self, number):
        self.act("source", number, "STORE", "+FLAGS.SILENT", "(\\Deleted)")
        with self.account("source") as account:
            account.open("INBOX", readonly=False)
            account.asked("expunge")

    def numbers(self, folder, side="target"):
        with self.account(side) as account:
            name = account.folders().get((folder,))
            heads = account.open(name) and account.asked("fetch", "1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])") if name else []
            return sorted(int(found[1]) for found in re.finditer(r"Subject: mirror (\d+)", str(heads)))

    def differences(self):
        """What the independent comparer finds, of which the folder for what was put aside is expected."""
        _, text = self.lab.compare(self.users)
        return sorted(line.strip() for line in text.splitlines() if line.startswith("  ") and ASIDE not in line)

    def mirror(self, *words, **how):
        return self.cut.run("copy", "--mirror", *words, **how)

    def test_1_the_first_pass_only_sees_it(self):
        self.put("target", 101)  # brought by its user
        with self.account("source") as account:
            type(self).archive = f"{account.prefix}Archive-mirror"
            account.asked("create", self.archive)
        self.put("source", *range(101, 121))
        self.cut.run("copy", exits=0)
        self.put("target", 130)  # delivered there
        self.delete(101)  # adopted at the target
        self.delete(102)
        self.delete(103)
        for number in (104, 105, 106):
            self.file(number)
        self.act("target", 103, "STORE", "+FLAGS", "(\\Flagged)")
        self.act("target", 106, "STORE", "+FLAGS", "(todo)")
        seen = box(self.mirror("--json", exits=0).json())
        self.assertEqual((0, 0, 6), (seen["mirror_moved"], seen["mirror_deleted"], seen["mirror_kept"]))
        self.assertEqual([], self.numbers(ASIDE))

    def test_2_a_dry_run_shows_and_the_next_pass_acts(self):
        self.mirror("--dry-run", exits=0).says("would put aside 3 (2 moved, 1 deleted at the source), 3 gone at the source and kept")
        self.assertEqual([], self.numbers(ASIDE))
        self.mirror(exits=0).says("put aside 3 (2 moved, 1 deleted at the source)", f"3 gone at the source, put into '{ASIDE}'")
        self.assertEqual([102, 104, 105], self.numbers(ASIDE))
        self.assertEqual([101, 103, 106] + list(range(107, 121)) + [130], self.numbers("INBOX"))
        extra = self.differences()
        self.assertEqual(4, len(extra), extra)  # adopted, flagged, labelled, delivered
        self.cut.run("report", exits=0).says("3 put aside by the mirror", "2 flags changed at the target",
                                             "1 not known for certain to be put there by cutover")
        self.cut.run("status", exits=0).says("put aside at the target by the mirror: 3 messages of 1 mailbox, last ")
        told = box(self.cut.run("report", "--json", exits=0).json())
        self.assertEqual((2, 1), (told["mirror_moved"], told["mirror_deleted"]))
        self.assertEqual(told["acknowledged"], told["messages"])
        self.cut.run("copy", "--verify", exits=0)

    def test_3_killed_at_each_point_again_and_again_it_ends_equal(self):
        before = self.differences()
        for number in (107, 108, 109):
            self.file(number)
        self.cut.run("copy", exits=0)
        for point in ("mirror-intent", "mirror-moved", "mirror-recorded"):
            self.mirror(kill_at=point).was_killed()
        self.mirror(exits=0)
        self.assertEqual(before, self.differences())
        self.assertEqual([102, 104, 105, 107, 108, 109], self.numbers(ASIDE))
        told = box(self.cut.run("report", "--json", exits=0).json())
        self.assertEqual((5, 1), (told["mirror_moved"], told["mirror_deleted"]))

    def test_4_an_emptied_mailbox_is_left_alone(self):
        with self.account("source") as account:
            account.open("INBOX", readonly=False)
            account.asked("store", "1:*", "+FLAGS.SILENT", "(\\Deleted)")
            account.asked("expunge")
        here = self.numbers("INBOX")
        self.cut.run("copy", exits=0)
        self.mirror(exits=1).says("is the old mailbox being emptied?", "--mirror-limit")
        self.assertEqual(here, self.numbers("INBOX"))

    def test_5_not_with_a_filter_and_never_after_the_switch(self):
        self.mirror("--folder", "INBOX", exits=2).says("about whole mailboxes")
        self.cut.run("copy", "--mirror-limit", "50", exits=2).says("give --mirror as well")
        self.mirror("--mirror-limit", "101", exits=2).says("1 to 100")
        self.lab.do("update", stdin="update delete treyresearch.com. MX\n"
                    f"update add treyresearch.com. 600 MX 0 {self.lab.env['LAB_NEW_MX_HOST']}.\n")
        self.cut.run("gate", "--no-wait")
        self.mirror(exits=1).says("no --mirror any more", "the target's MX was seen in the DNS")
        self.cut.run("copy", exits=0)


@unittest.skipUnless(LONG, "the same as at a Dovecot: with CUTOVER_LONG=1 also at a Cyrus")
class MirrorAtCyrus(Mirror):
    servers = "all,cyrus"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        env = cls.lab.env
        cls.cut.edit(f"imaps://{env['LAB_TARGET_HOST']}", f"imaps://{env['LAB_CYRUS_HOST']}")
        cls.cut.edit(f"{env['LAB_TARGET_HOST']}: {env['LAB_TARGET_ADDRESS']}", f"{env['LAB_CYRUS_HOST']}: {env['LAB_CYRUS_ADDRESS']}")

    def account(self, side):
        return mailbox(self.lab, "carla.diaz", side, server="cyrus" if side == "target" else side)

    def differences(self):
        with self.account("source") as src, self.account("target") as dst:
            return sorted(line for line in pairs.Verdict("cyrus", src, dst).found if ASIDE not in line)


if __name__ == "__main__":
    unittest.main()
