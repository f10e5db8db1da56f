"""While it runs: another process looks, another one wants to write, and Ctrl-C ends it at once, to be resumed."""

import signal
import threading
import unittest

from support import PATIENCE, Cutover, Lab, Running, Steps, Tap, until


class WhileItRuns(Steps):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(mx_ttl=3000)
        cls.addClassCleanup(cls.lab.down)
        cls.cut = cls.patient()
        cls.cut.use_users(cls.lab.env["LAB_USERS_FIXED"])

    @classmethod
    def patient(cls):
        """A project in which silence lasts as long as a test wants."""
        cut = Cutover(cls.lab).uncompressed()
        cut.edit("network:\n", "network:\n  mail_timeout: 1h\n")
        return cut

    def stalled(self, after=6_000_000):
        """A source that falls silent in the middle of a message until the event is set."""
        silence = threading.Event()
        self.addCleanup(silence.set)
        return silence, Tap(self.lab, "source", after=after, action=silence.wait)

    def direct(self):
        self.cut.connect_to(self.lab.env["LAB_SOURCE_HOST"], self.lab.env["LAB_SOURCE_ADDRESS"])

    def test_1_status_tells_of_a_running_copy_and_a_second_writer_is_refused(self):
        silence, tap = self.stalled()
        with tap:
            self.cut.connect_to(self.lab.env["LAB_SOURCE_HOST"], tap.address)
            with Running(self.cut, "copy") as copy:
                self.wait_for_silence(tap, copy)
                # One mailbox stands still; the others go on and write down how far they are.
                progress = until(self.half_done, PATIENCE, "the copy's figures in status --json")
                self.assertFalse(progress["ended"])
                self.assertLessEqual({"bytes", "bytes_done", "gb_per_hour", "left_s"}, progress.keys())
                self.cut.run("status", exits=0).says("copying:")
                for words in (("copy",), ("stage",), ("accept", "no-drift", "--reason", "x"), ("run",)):
                    self.cut.run(*words, exits=1).says(f"is held by process {copy.process.pid}", "status")
                self.cut.run("report", exits=0)
                silence.set()
                copy.ends().exits(0)
        self.assertTrue(self.cut.run("status", "--json", exits=0).json()["progress"]["ended"])

    def test_2_ctrl_c_in_mid_message_ends_within_seconds(self):
        for number, local in ((signal.SIGINT, "ben.okafor"), (signal.SIGTERM, "anna.weber")):
            self.cut = self.patient()  # it knows of no message that is there, and reads all again
            _, tap = self.stalled(after=400_000)
            with tap:
                self.cut.connect_to(self.lab.env["LAB_SOURCE_HOST"], tap.address)
                with Running(self.cut, "copy", "--only", f"{local}@treyresearch.com") as copy:
                    self.wait_for_silence(tap, copy)
                    copy.interrupt(number).exits(130).says("run the same command again")

    def test_3_and_the_same_command_goes_on(self):
        self.direct()
        self.cut.run("copy", exits=0)
        status, text = self.lab.compare()
        self.assertEqual(0, status, text)

    def test_4_ctrl_c_while_a_clock_is_awaited(self):
        self.cut.run("plan", exits=0)
        self.cut.run("stage", exits=0)
        with Running(self.cut, "verify", "--wait", "1h") as verify:
            verify.reads("waiting until")
            verify.interrupt().exits(130)
        for words in (("run",), ("tail",)):
            self.assertIn(words[0], self.cut.run("help", words[0], exits=0).out)
        with Running(self.cut, "run") as run:
            run.reads("waiting until")
            run.interrupt().exits(130).says("run the same command again")
        self.assertTrue(self.cut.run("report", "--json", exits=0).json()["journal_intact"])

    def test_5_ctrl_c_while_the_gate_waits_for_the_old_ttl(self):
        self.served_by_all()
        with Running(self.cut, "gate") as gate:
            gate.reads("a cache may still hold the old MX")
            gate.interrupt().exits(130)
        # What was decided is there; the lock is free.
        self.cut.run("gate", "--no-wait", exits=4)
        self.cut.run("rollback", exits=0)
        self.served_by_all()

    def test_6_a_wait_has_an_end_when_it_is_given_one(self):
        self.cut.run("plan", exits=0)
        self.cut.run("stage", exits=0)
        self.served_by_all()
        self.cut.run("gate", "--wait", "2s", exits=4).says("until")

    def test_7_the_switch_waits_for_its_window_and_does_not_come_behind_it(self):
        before = self.lab.zone()
        coming = "window: { opens: 2099-01-01T18:00Z, ends: 2099-01-02T06:00Z }\n"
        over = "window: { opens: 2026-01-01T18:00Z, ends: 2026-01-02T06:00Z }\n"
        self.cut.edit("network:\n", coming + "network:\n")
        self.cut.run("switch", "--no-wait", exits=4).says("the window for the switch opens at 2099-01-01T18:00:00Z")
        self.cut.edit(coming, over)
        self.cut.run("switch", exits=1).says("closed window-open", "ended at 2026-01-02T06:00:00Z", "a later window")
        self.assertEqual(before, self.lab.zone())

    def served_by_all(self):
        until(lambda: self.lab.zone("secondary") == self.lab.zone(), PATIENCE, "NOTIFY and AXFR")

    def half_done(self):
        progress = self.cut.run("status", "--json", exits=0).json()["progress"]
        return progress if progress and progress["messages"] > progress["messages_done"] > 0 else None

    def wait_for_silence(self, tap, running):
        until(lambda: tap.left <= 0 or running.process.poll() is not None, PATIENCE, "the source to fall silent")
        self.assertIsNone(running.process.poll(), running.text())


if __name__ == "__main__":
    unittest.main()
