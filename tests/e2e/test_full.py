"""What real servers say when a mailbox is full, or when its owner may not use IMAP, and what is made of it. With CUTOVER_LONG=1.

Only Dovecot knows the response code for it (RFC 5530): Cyrus says "Over quota", Courier "You exceeded your mail quota." A full
mailbox is no matter of the single message: none may be blamed, and nothing more is sent until it has room.
"""

import contextlib
import os
import signal
import ssl
import subprocess
import unittest

import compare
import pairs
from labkit import cyrus, layout, roots

LONG = os.environ.get("CUTOVER_LONG") == "1"
WHO = "ben.okafor"
ROOM = 400  # kilobytes; the mailbox has three megabytes
SAID = {"dovecot": "Quota exceeded", "cyrus": "Over quota", "courier": "You exceeded your mail quota."}


@unittest.skipUnless(LONG, "only in a long run")
class Full(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = pairs.World(mail="small")
        cls.lab, cls.address = cls.world.lab, cls.world.rows[WHO]["EmailAddress"]
        cls.addClassCleanup(cls.lab.down)

    def as_admin(self):
        trusted = ssl.create_default_context(cafile=self.lab.env["LAB_CA"])
        link = compare.ConnectTo(*self.world.host("target", "cyrus"), 993, trusted)
        password = (self.lab.dir / "secrets" / "cyrus-admin").read_text(encoding="utf-8").strip()
        self.assertEqual("OK", link.login(cyrus.ADMIN, password)[0])
        return link

    def limit_dovecot(self):
        conf = self.lab.dir / "target" / "dovecot.conf"
        before = conf.read_text(encoding="utf-8")
        conf.write_text(before + "mail_plugins = $mail_plugins quota\nprotocol imap {\n  mail_plugins = $mail_plugins quota imap_quota\n}\n"
                        f"plugin {{\n  quota = count:User quota\n  quota_vsizes = yes\n  quota_rule = *:storage={ROOM}K\n}}\n", encoding="utf-8")
        self.lab.do("restart", "target")
        return lambda: (conf.write_text(before, encoding="utf-8"), self.lab.do("restart", "target"))

    def limit_cyrus(self):
        self.world.side("target", "cyrus", WHO).close()  # makes the mailbox
        root = f'"user/{self.address}"'

        def give(limits):
            link = self.as_admin()
            self.assertEqual("OK", link.setquota(root, limits)[0])
            link.logout()
        give(f"(STORAGE {ROOM})")
        return lambda: give("()")

    def limit_courier(self):
        file = self.lab.dir / "courier" / "mail" / self.address / "Maildir" / "maildirsize"
        file.write_text(f"{ROOM * 1024}S\n{0:>12}{0:>13}\n", encoding="ascii")
        owner = file.parent.stat()
        os.chown(file, owner.st_uid, owner.st_gid)
        return file.unlink

    def test_a_full_mailbox_fails_as_a_whole_and_goes_on_when_it_has_room(self):
        for kind in SAID:
            with self.subTest(kind):
                cut = self.world.project("dovecot", kind, person=WHO)
                lift = getattr(self, f"limit_{kind}")()
                try:
                    result = cut.run("copy", "--json", exits=1)
                    box = result.json()["mailboxes"][0]
                    self.assertEqual(("Failed", "mailbox", 0), (box["state"], box["error_kind"], box["refused"]), result)
                    self.assertIn("the mailbox is full", box["error"], result)
                    self.assertIn(SAID[kind], box["error"], result)
                    self.assertIn("more room", box["remedy"], result)
                    self.assertLess(box["copied"], box["messages"], result)
                    self.assertEqual([], cut.run("report", "--json", exits=0).json()["refusals"])
                    self.assertFalse((cut.dir / ".cutover" / "quarantine").exists())
                    again = cut.run("copy", "--json", exits=1).json()["mailboxes"][0]
                    self.assertEqual("Failed", again["state"], again)
                finally:
                    lift()
                cut.run("copy", exits=0)
                with self.world.side("source", "dovecot", WHO) as src, self.world.side("target", kind, WHO) as dst:
                    self.assertEqual([], pairs.Verdict(kind, src, dst).found)

    def deny(self, *words):
        spec = {"programs": [[f"{cyrus.BIN}/cyr_deny", "-C", "/lab/imapd.conf", *words, self.address]]}
        with subprocess.Popen(roots.inside(layout.load(self.lab.dir), "cyrus", spec), start_new_session=True) as denying:
            status = denying.wait()
        # Who keeps its log outlives it, with our output open: what gave up root cannot end what is root's.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(denying.pid, signal.SIGKILL)
        self.assertEqual(0, status)

    def test_who_may_not_use_imap_is_told_from_a_wrong_password(self):
        """Of Dovecot's two ways test_logins tells. Cyrus says "authorization failure" of a right password."""
        cut = self.world.project("dovecot", "cyrus", person=WHO)
        self.deny()
        try:
            row = cut.run("copy", "--check-logins", "--json", exits=1).json()["rows"][0]["target"]
            self.assertEqual("no-access", row["class"], row)
            self.assertIn("IMAP may be switched off", row["remedy"], row)
            box = cut.run("copy", "--json", exits=1).json()["mailboxes"][0]
            self.assertEqual(("Failed", "account"), (box["state"], box["error_kind"]), box)
            self.assertIn("the password is right", box["error"], box)
        finally:
            self.deny("-a")


if __name__ == "__main__":
    unittest.main()
