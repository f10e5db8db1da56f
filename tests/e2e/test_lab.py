"""The lab is what it says: the mail that was generated, the zone on both servers, the answers of the MX."""

import hashlib
import imaplib
import os
import smtplib
import subprocess
import tempfile
import unittest
from pathlib import Path

import zone_compare
from compare import Message, differences, index, with_even_ends
from support import HANG, LAB, PATIENCE, Lab, Tap, TinyDisk, mailbox, mailgen, until


class TheLab(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(mx_ttl=40)
        cls.addClassCleanup(cls.lab.down)

    def test_the_source_shows_exactly_the_generated_mail(self):
        for local in ("anna.weber", "dmitri.petrov"):
            wanted = {folder.path: index(enumerate(map(expected, folder.messages), 1))
                      for folder in mailgen.mailbox("cutover", local, "small")}
            account = mailbox(self.lab, local, "source")
            shown = {path: index(account.messages(name)) for path, name in account.folders().items()}
            account.close()
            self.assertEqual([], list(differences(wanted, shown)))
            self.assertGreater(sum(len(uids) for found in shown.values() for uids in found.values()), 40)

    def test_the_comparer_sees_an_uncopied_and_a_doubled_message_on_real_servers(self):
        status, text = self.lab.compare()
        self.assertEqual(1, status)
        self.assertIn("is missing at the target", text)
        with mailbox(self.lab, "office", "target") as account:
            for _ in range(2):
                account.asked("append", "INBOX", "(\\Seen)", None, b"Subject: only here\r\n\r\ntwice\r\n")
        self.assertIn("is extra (", self.lab.compare()[1])

    def test_a_foreign_edit_reaches_both_servers_and_is_seen(self):
        before = self.lab.zone()
        self.lab.do("update", stdin="update delete shop.treyresearch.com. CNAME\n")
        until(lambda: self.lab.zone("secondary") == self.lab.zone("primary") != before, PATIENCE, "NOTIFY and AXFR")
        self.assertEqual(["gone: shop.treyresearch.com. CNAME www.treyresearch.com. (TTL 300)"],
                         zone_compare.differences(before, self.lab.zone()))

    def test_a_message_to_the_old_side_arrives(self):
        path = self.lab.dir / "late.eml"
        path.write_text("Subject: late\n\nafter the switch\n")
        self.lab.do("deliver-old", "ben.okafor@treyresearch.com", str(path))
        until(lambda: self.count("ben.okafor", "source", "late") == 1, PATIENCE, "the message in the INBOX")

    def test_both_mx_hosts_deliver_and_refuse_strangers(self):
        for host, side in (("NEW", "target"), ("OLD", "source")):
            with smtplib.SMTP(self.lab.env[f"LAB_{host}_MX_ADDRESS"], 25, "tester.invalid", timeout=PATIENCE) as link:
                link.sendmail("", ["carla.diaz@treyresearch.com"], f"Subject: by SMTP\r\n\r\nto the {side}\r\n")
                link.mail("")
                self.assertEqual(550, link.rcpt("stranger@treyresearch.com")[0])
            until(lambda side=side: self.count("carla.diaz", side, "by SMTP") == 1, PATIENCE, f"delivery at the {side}")

    def test_a_killed_server_is_gone_and_comes_back(self):
        self.lab.do("kill", "target")
        with self.assertRaises(OSError):
            mailbox(self.lab, "office", "target")
        self.lab.do("start", "target")
        mailbox(self.lab, "office", "target").close()

    def test_a_tap_kills_a_server_in_mid_literal(self):
        with Tap(self.lab, "source", after=5_000_000, action=lambda: self.lab.do("kill", "source")) as tap:
            self.lab.env["LAB_SOURCE_ADDRESS"], real = tap.address, self.lab.env["LAB_SOURCE_ADDRESS"]
            try:
                account = mailbox(self.lab, "anna.weber", "source")  # has a message of 10 MB
                with self.assertRaises((OSError, imaplib.IMAP4.abort)):
                    list(account.messages("INBOX"))
                self.assertTrue(tap.acted.wait(PATIENCE))
            finally:
                self.lab.env["LAB_SOURCE_ADDRESS"] = real
                self.lab.do("start", "source")

    def test_a_tiny_disk_is_full_soon_and_can_grow(self):
        with TinyDisk(self.lab.dir / "tiny", kilobytes=64) as disk:
            with self.assertRaises(OSError):
                (disk.directory / "file").write_bytes(bytes(100_000))
            disk.grow(1024)
            (disk.directory / "file").write_bytes(bytes(100_000))

    def test_up_again_is_harmless(self):
        before = (self.lab.dir / "run" / "source.pid").read_text()
        self.lab.do("up")
        self.assertEqual(before, (self.lab.dir / "run" / "source.pid").read_text())

    def test_down_leaves_no_process_and_no_file(self):
        other = Lab.up(mail="none")
        self.assertGreater(len(processes_of(other.dir)), 20)
        other.do("kill", "oldmx")
        other.down()
        self.assertEqual([], processes_of(other.dir))
        self.assertEqual([], list(other.dir.parent.glob(other.dir.name + "*")))

    def count(self, local, side, subject):
        with mailbox(self.lab, local, side) as account:
            return account.count(subject)


class Place(unittest.TestCase):
    def test_a_link_that_somebody_put_there_is_not_followed(self):
        """The quickstart's and the check's names in /tmp are easy to guess, and both run as root."""
        with tempfile.TemporaryDirectory(prefix="place.") as place:
            Path(place).chmod(0o711)
            theirs = Path(place, "theirs")
            theirs.mkdir(mode=0o700)
            Path(place, "lab").symlink_to(theirs)
            done = subprocess.run([str(LAB), "up", "--dir", f"{place}/lab"], capture_output=True, text=True, timeout=HANG, check=False)
            self.assertIn("is not a directory of yours", done.stderr)
            self.assertEqual((1, 0o700), (done.returncode, theirs.stat().st_mode & 0o777))


def processes_of(directory):
    """Whatever names the directory by its command line, environment, working directory or open files."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            texts = [(process / name).read_bytes().decode(errors="replace") for name in ("cmdline", "environ")]
            links = [os.readlink(link) for link in [process / "cwd", *(process / "fd").iterdir()]]
        except OSError:
            continue  # it has just ended
        if int(process.name) != os.getpid() and any(str(directory) in text for text in texts + links):
            found.append(int(process.name))
    return found


def expected(item):
    digest, even = (hashlib.sha256(text).hexdigest() for text in (item.data, with_even_ends(item.data)))
    return Message(digest, tuple(sorted("\\" + flag.lower() for flag in item.flags)), tuple(sorted(item.keywords)),
                   item.date, even)


if __name__ == "__main__":
    unittest.main()
