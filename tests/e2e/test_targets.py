"""Targets that make "exactly once" hard: without UIDPLUS and LITERAL+, or still busy with a dead session's mail."""

import os
import re
import select
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import unittest

from support import PATIENCE, Cutover, Lab, Running, Tap, mailbox, until

LONG = os.environ.get("CUTOVER_LONG") == "1"
ANNA = "anna.weber@treyresearch.com"
TWO = ("carla.diaz@treyresearch.com", "emi.tanaka@treyresearch.com")
# Each row one mailbox's fate: killed there, then there, then left in peace. A match is only looked for when one may be there.
KILLS = (("copy-appended:7", "match-hashed:1"), ("copy-recorded:3",), ("copy-appended:1",), ("copy-appended:2", "copy-intent:2"))


class PoorTarget:
    """Before the target: hides UIDPLUS, LITERAL+ and every APPENDUID, as servers of 2003 do."""

    POORER = ((re.compile(rb" (LITERAL\+|UIDPLUS)(?=[ \r\]])"), b""), (re.compile(rb"\[APPENDUID \d+ \d+\] "), b""))

    def __init__(self, lab):
        Tap.used += 1
        host = lab.env["LAB_TARGET_HOST"]
        self.address, self.host, self.server = f"{lab.env['LAB_NET']}.{Tap.used}", host, lab.env["LAB_TARGET_ADDRESS"]
        self.inside = ssl.create_default_context(cafile=lab.env["LAB_CA"])
        self.outside = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.outside.load_cert_chain(lab.dir / "tls" / f"{host}.pem", lab.dir / "tls" / f"{host}.key")
        self.listener = socket.create_server((self.address, 993))

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            with self.outside.wrap_socket(client, server_side=True) as outer, \
                    self.inside.wrap_socket(socket.create_connection((self.server, 993)),
                                            server_hostname=self.host) as inner:
                while self.pass_on(outer, inner):
                    pass
        except OSError:
            pass

    def pass_on(self, outer, inner):
        """One thread for both directions: an SSL object is no object for two."""
        ready = [end for end in (outer, inner) if end.pending()] or select.select([outer, inner], [], [])[0]
        for end in ready:
            data = end.recv(65536)
            if not data:
                return False
            if end is outer:
                inner.sendall(data)
            else:
                for pattern, text in self.POORER:
                    data = pattern.sub(text, data)
                outer.sendall(data)
        return True


class Targets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(servers="mail")
        cls.addClassCleanup(cls.lab.down)

    def setUp(self):
        self.empty_target()
        self.cut = Cutover(self.lab).uncompressed()
        self.cut.use_users(self.lab.env["LAB_USERS_FIXED"])

    def empty_target(self):
        self.lab.do("stop", "target")
        for home in (self.lab.dir / "target" / "mail").iterdir():
            shutil.rmtree(home)
        self.lab.do("start", "target")

    def whole(self, users=None):
        status, text = self.lab.compare(users)
        self.assertEqual(0, status, text)

    def test_1_without_uidplus_and_literal_plus(self):
        with PoorTarget(self.lab) as poor:
            self.cut.connect_to(self.lab.env["LAB_TARGET_HOST"], poor.address)
            self.cut.run("copy", "--verify", exits=0)
            self.whole()
            self.cut.run("copy", exits=0).says("0 messages copied")

    def test_2_without_them_and_killed(self):
        with PoorTarget(self.lab) as poor:
            for points in KILLS if LONG else KILLS[:2]:
                with self.subTest(points):
                    self.empty_target()
                    self.cut = Cutover(self.lab).uncompressed()
                    users = self.cut.use_only(self.lab.env["LAB_USERS_FIXED"], *TWO)
                    self.cut.connect_to(self.lab.env["LAB_TARGET_HOST"], poor.address)
                    for at in points:
                        self.cut.run("copy", kill_at=at).was_killed()
                    self.cut.run("copy", exits=0)
                    self.whole(users)

    def test_3_a_dead_session_speaks_on_when_the_ledger_is_lost(self):
        """The target is stopped in the middle, so that what it was sent is stored only while the next run looks."""
        for wanted in (1, 3, 10, 20, 30, 40) if LONG else (1, 20):
            with self.subTest(stored_when_stopped=wanted):
                self.users = self.cut.use_only(self.lab.env["LAB_USERS_FIXED"], ANNA)
                self.speaks_on(wanted)
                self.whole(self.users)
                shutil.rmtree(self.cut.dir / ".cutover")

    def speaks_on(self, wanted):
        """The dead sessions go on while the next run looks, before it has seen quiet; a run that a slow machine lets come further
        meanwhile is none that could know of them, and all is done again."""
        for _ in range(10):
            stopped = self.stopped_in_the_middle(wanted)
            shutil.rmtree(self.cut.dir / ".cutover")
            listing = self.cut.dir / "points.txt"
            listing.unlink(missing_ok=True)
            with Running(self.cut, "copy", list_points=listing) as copy:
                until(lambda: set(self.sessions()) - set(stopped) or copy.process.poll() is not None, PATIENCE, "the next run's session")
                time.sleep(0.3)  # it looks meanwhile; nothing depends on how often
                copy.process.send_signal(signal.SIGSTOP)
                too_late = listing.exists() and "folders-planned" in listing.read_text(encoding="utf-8")
                self.wake(stopped)
                until(lambda: not set(stopped) & set(self.sessions()), PATIENCE, "the dead sessions to be through")
                copy.process.send_signal(signal.SIGCONT)
                if not too_late:
                    copy.ends().exits(0)
                    return
        raise AssertionError("in ten tries the next run had looked before it could be stopped")

    def test_4_receipts_are_disarmed_once_with_and_without_a_ledger(self):
        address = TWO[0]
        self.cut.use_only(self.lab.env["LAB_USERS_FIXED"], address)
        self.cut.edit("policy:\n", "policy:\n  read_receipts: disarm\n")
        asks = b"Message-ID: <asks@nwtraders.com>\r\nDisposition-Notification-To: boss@nwtraders.com\r\n\r\nread me\r\n"
        with mailbox(self.lab, address.split("@")[0], "source") as source:
            for body in (asks, asks.replace(b"read me", b"and me")):
                source.asked("append", "INBOX", None, None, body)
        self.cut.run("copy", kill_at="copy-appended:1").was_killed()
        self.cut.run("copy", "--verify", exits=0)
        self.cut.run("report", "--json").says("request for a receipt disarmed")
        self.assert_disarmed(address)
        shutil.rmtree(self.cut.dir / ".cutover")
        self.cut.run("copy", "--verify", exits=0).says("0 messages copied")
        self.assert_disarmed(address)

    def assert_disarmed(self, address):
        with mailbox(self.lab, address.split("@")[0], "target") as target:
            target.open("INBOX")
            for header, wanted in (("Disposition-Notification-To", 0), ("X-Was-Disposition-Notify-To", 2)):
                self.assertEqual(wanted, len(target.searched("HEADER", header, "boss@nwtraders.com")), header)

    def stopped_in_the_middle(self, wanted):
        """A copy that is killed while its sessions at the target stand still; those. One that was through before is done again."""
        for _ in range(10):
            self.empty_target()
            shutil.rmtree(self.cut.dir / ".cutover", ignore_errors=True)
            first = self.cut.start("-q", "copy")
            until(lambda: self.stored() >= wanted or first.poll() is not None, PATIENCE, f"{wanted} messages at the target", every=0.005)
            stopped = [pid for pid in self.sessions() if self.tell(pid, signal.SIGSTOP)]
            time.sleep(0.15)  # its sockets fill up; nothing depends on how much
            first.kill()
            first.communicate()
            if stopped and self.stored() >= wanted:
                return stopped
            self.wake(stopped)
        raise AssertionError(f"in ten tries no session was left when {wanted} messages were stored")

    def stored(self):
        return sum(1 for _ in (self.lab.dir / "target" / "mail").glob("*/sdbox/**/u.*"))

    def sessions(self):
        """The processes of the target that have a client's mailbox open."""
        master = pgrep("-f", f"dovecot -F -c {self.lab.dir}/target/dovecot.conf")[0]
        return pgrep("-P", str(master), "-x", "imap")

    def wake(self, pids):
        for pid in pids:
            self.tell(pid, signal.SIGCONT)

    @staticmethod
    def tell(pid, number):
        """Whether there still was such a process: a session ends when it likes."""
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return False
        return True


def pgrep(*words):
    found = subprocess.run(["pgrep", *words], capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split()]


if __name__ == "__main__":
    unittest.main()
