"""The servers die in the middle of a message, the disk is full: nothing is lost or doubled. (Connections cut at any byte: chaos/.)"""

import shutil
import unittest

from support import PATIENCE, Cutover, Lab, Tap, TinyDisk

ANNA = "anna.weber@treyresearch.com"  # has a message of more than 10 MB


class DyingServers(unittest.TestCase):
    """What the tests below are made of."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(servers="mail")
        cls.addClassCleanup(cls.lab.down)

    def setUp(self):
        self.empty_target()
        self.cut = Cutover(self.lab).uncompressed()
        self.users = self.lab.env["LAB_USERS_FIXED"]
        self.cut.use_users(self.users)
        self.addCleanup(self.all_servers_up)

    def empty_target(self):
        self.lab.do("stop", "target")
        for home in (self.lab.dir / "target" / "mail").iterdir():
            shutil.rmtree(home)
        self.lab.do("start", "target")

    def all_servers_up(self):
        for name in ("source", "target"):
            self.lab.do("start", name)

    def through(self, tap):
        self.cut.connect_to(self.lab.env[f"LAB_{tap.side}_HOST"], tap.address)

    def direct(self):
        for side in ("SOURCE", "TARGET"):
            self.cut.connect_to(self.lab.env[f"LAB_{side}_HOST"], self.lab.env[f"LAB_{side}_ADDRESS"])

    def whole(self):
        status, text = self.lab.compare(self.users)
        self.assertEqual(0, status, text)

    def finishes(self):
        self.direct()
        boxes = self.cut.run("copy", "--json", exits=0).json()["mailboxes"]
        self.assertEqual({"Synced"}, {box["state"] for box in boxes})
        self.whole()


class DyingSource(DyingServers):
    def test_1_the_source_is_killed_in_mid_literal(self):
        self.users = self.cut.use_only(self.users, ANNA)
        with Tapped(self.lab, "source", after=5_000_000, action=lambda: self.lab.do("kill", "source")) as tap:
            self.through(tap)
            result = self.cut.run("copy")
            self.assertTrue(tap.acted.wait(PATIENCE))
            self.assertIn(result.status, (1, 3), result)
            result.says("imap.nwtraders.com").hides("refused this password")
        self.lab.do("start", "source")
        self.finishes()

    def test_2_a_dropped_connection_is_not_a_wrong_password(self):
        self.lab.do("stop", "source")
        result = self.cut.run("copy")
        self.assertIn(result.status, (1, 3))
        result.says("imap.nwtraders.com").hides("refused this password")
        self.assertEqual(1, (result.out + result.err).count("trying again"), result)  # one mailbox tries for all
        self.lab.do("start", "source")
        self.cut.use_users(self.lab.env["LAB_USERS"])
        self.cut.run("copy", exits=1).says("refused this password", "5 of 6")


class DyingTarget(DyingServers):
    def test_1_the_target_is_killed_in_mid_literal(self):
        self.users = self.cut.use_only(self.users, ANNA)
        with Tapped(self.lab, "target", after=5_000_000, to_server=True, action=lambda: self.lab.do("kill", "target")) as tap:
            self.through(tap)
            result = self.cut.run("copy")
            self.assertTrue(tap.acted.wait(PATIENCE))
            self.assertIn(result.status, (1, 3), result)
            result.says("outlook.office365.com").hides("refused this password")
        self.lab.do("start", "target")
        self.finishes()

    def test_2_a_restarted_server_is_met_again_in_the_same_run_or_the_next(self):
        with Tapped(self.lab, "target", after=2_000_000, to_server=True, action=lambda: self.lab.do("restart", "target")) as tap:
            self.through(tap)
            self.assertIn(self.cut.run("copy").status, (0, 1, 3))
            self.assertTrue(tap.acted.wait(PATIENCE))
        self.finishes()


class FullDisk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(servers="mail")
        cls.addClassCleanup(cls.lab.down)

    def test_a_full_state_directory_is_told_and_nothing_is_lost(self):
        cut = Cutover(self.lab)
        cut.use_users(self.lab.env["LAB_USERS_FIXED"])
        # Room for the store and a little; the ledger of all messages does not fit.
        with TinyDisk(cut.dir / ".cutover", kilobytes=200) as disk:
            result = cut.run("copy")
            self.assertEqual(3, result.status, result)
            result.says("disk is full")
            cut.run("copy").says("disk is full")
            disk.grow(64 * 1024)
            cut.run("copy", exits=0)
            status, text = self.lab.compare()
            self.assertEqual(0, status, text)
            self.assertTrue(cut.run("report", "--json", exits=0).json()["journal_intact"])


class Refusals(unittest.TestCase):
    """A message that the target does not take is an outcome of its own: the others are not held up."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(servers="mail")
        cls.addClassCleanup(cls.lab.down)

    def limit(self, lines):
        conf = self.lab.dir / "target" / "dovecot.conf"
        before = conf.read_text(encoding="utf-8")
        conf.write_text(before + lines, encoding="utf-8")
        self.lab.do("restart", "target")
        return lambda: (conf.write_text(before, encoding="utf-8"), self.lab.do("restart", "target"))

    def test_a_message_over_the_targets_limit_is_refused_by_name_and_the_rest_is_copied(self):
        undo = self.limit("mail_plugins = $mail_plugins quota\nprotocol imap {\n  mail_plugins = $mail_plugins quota imap_quota\n}\n"
                          "plugin {\n  quota = count:User quota\n  quota_vsizes = yes\n  quota_rule = *:storage=1G\n"
                          "  quota_max_mail_size = 2M\n}\n")
        cut = Cutover(self.lab)
        cut.use_users(self.lab.env["LAB_USERS_FIXED"])
        result = cut.run("copy", exits=1)
        result.says(ANNA).hides("refused this password")
        doc = cut.run("report", "--json", exits=0).json()
        self.assertGreaterEqual(len(doc["refusals"]), 1)
        for refusal in doc["refusals"]:
            self.assertGreater(refusal["bytes"], 2_000_000)
            self.assertTrue(refusal["reason"])
            self.assertTrue(refusal["uid"])
        states = {box["mailbox"]: box for box in doc["mailboxes"]}
        self.assertEqual("Synced with errors", states[ANNA]["state"])
        self.assertEqual(states[ANNA]["messages"], states[ANNA]["acknowledged"] + states[ANNA]["refused"])
        cut.run("report", exits=0).says("Messages that the target refused", ANNA)
        status, text = self.lab.compare()
        self.assertEqual(1, status)
        self.assertEqual(len(doc["refusals"]), text.count("is missing at the target"), text)
        # With the limit gone the same command brings just these.
        undo()
        boxes = cut.run("copy", "--json", exits=0).json()["mailboxes"]
        self.assertEqual(len(doc["refusals"]), sum(box["copied"] for box in boxes))
        status, text = self.lab.compare()
        self.assertEqual(0, status, text)


class Tapped(Tap):
    """A tap that remembers whose it is."""

    def __init__(self, lab, server, **options):
        super().__init__(lab, server, **options)
        self.side = server.upper()


if __name__ == "__main__":
    unittest.main()
