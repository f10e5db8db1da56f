"""A batch as a person runs it: look first, hold single mailboxes, leave things out, keep to a rate."""

import signal
import unittest

from support import PATIENCE, Cutover, Lab, Running, Steps, until

ANNA, BEN, CARLA, EMI = (f"{name}@treyresearch.com" for name in ("anna.weber", "ben.okafor", "carla.diaz", "emi.tanaka"))


def by_address(document):
    return {box["mailbox"]: box for box in document["mailboxes"]}


class Batch(Steps):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(mx_ttl=600)
        cls.addClassCleanup(cls.lab.down)
        cls.cut = Cutover(cls.lab)  # with one wrong password in the CSV

    def test_1_a_dry_run_counts_and_makes_nothing(self):
        unlimited = self.limit_target("storage=1M:messages=1000")
        with (self.cut.dir / "cutover.yaml").open("a", encoding="utf-8") as project:
            project.write("copy: { target_limit: 1MB }\n")
        looked = self.cut.run("copy", "--dry-run", "--json", exits=1).json()
        boxes = by_address(looked)
        self.assertTrue(looked["dry_run"])
        self.assertEqual(boxes[EMI]["state"], "Failed")
        self.assertEqual(boxes[EMI]["error_kind"], "account")
        self.assertEqual(boxes[ANNA]["state"], "Queued")
        self.assertGreater(boxes[ANNA]["messages"], 50)
        self.assertEqual(sum(box["copied"] for box in boxes.values()), 0)
        self.assertIn("too-large", [note["kind"] for note in looked["notes"] if note["mailbox"] == ANNA])
        short = [note["text"] for note in looked["notes"] if note["mailbox"] == ANNA and note["kind"] == "quota"]
        self.assertEqual(1, len(short), looked["notes"])
        self.assertRegex(short[0], r"^will not fit the target's quota: .* MB are still to be copied, and the target has .* left of 1.0 MB$")
        self.assertNotIn("messages", short[0])
        tried = self.cut.run("copy", "--check-logins", "--json", "--only", ANNA, exits=0).json()["rows"][0]
        self.assertEqual(1024 * 1024, tried["target"]["quota"]["bytes_limit"])
        self.assertEqual(1000, tried["target"]["quota"]["messages_limit"])
        self.assertIsNone(tried["source"]["quota"], "the source does not offer QUOTA")
        unlimited()
        status, text = self.lab.compare()
        self.assertNotEqual(status, 0, "the target is still empty\n" + text)

    def limit_target(self, rule):
        """Dovecot's quota at the target, for all; returns what takes it away."""
        conf = self.lab.dir / "target" / "dovecot.conf"
        before = conf.read_text(encoding="utf-8")
        conf.write_text(before + "mail_plugins = $mail_plugins quota\nprotocol imap {\n  mail_plugins = $mail_plugins quota imap_quota\n}\n"
                        f"plugin {{\n  quota = count:User quota\n  quota_vsizes = yes\n  quota_rule = *:{rule}\n}}\n", encoding="utf-8")
        self.lab.do("restart", "target")
        return lambda: (conf.write_text(before, encoding="utf-8"), self.lab.do("restart", "target"))

    def test_2_what_is_left_out_is_told_and_closes_the_gate(self):
        left = self.cut.run("copy", "--since", "2025-01-01", "--only", CARLA, "--json", exits=0).json()
        box = by_address(left)[CARLA]
        self.assertGreater(box["left_out"], 0)
        self.assertEqual(box["left_out"] + box["copied"], box["messages"])
        self.cut.run("status", exits=0).says("left out: mail older than 2025-01-01T00:00:00Z")
        self.cut.run("gate", "--no-wait", exits=1).says(f"{CARLA} (row 4 of the CSV): its last pass left out mail older than")
        self.cut.run("copy", "--verify", "--max-size", "1MB", exits=2).says("whole mailboxes")
        self.cut.run("copy", "--since", "2025-06-01", "--before", "2025-01-01", exits=2).says("no mail is between them")
        both = by_address(self.cut.run("copy", "--newest-first", "1500d", "--only", CARLA, "--json", exits=0).json())[CARLA]
        self.assertEqual((both["copied"], both["known"], both["left_out"]), (box["left_out"], box["copied"], 0), "of both turns")
        self.assertEqual(by_address(self.cut.run("status", "--json", exits=0).json())[CARLA]["left_out"], 0)

    def test_2b_a_folder_that_nobody_has_is_no_success(self):
        self.cut.run("copy", "--only", CARLA, "--folder", "Snet", exits=1).says(f"no folder 'Snet' in {CARLA}", "did you mean 'Sent'?")
        self.cut.run("copy", "--dry-run", "--only", CARLA, "--folder", "inbox", "--folder", "*zzz", exits=1).says("no folder '*zzz'")
        self.cut.run("copy", "--only", CARLA, "--folder", "inbox", exits=0)

    def test_3_a_mailbox_is_stopped_and_started_while_a_copy_runs(self):
        self.cut.edit("copy: { target_limit: 1MB }", "copy: { bytes_per_s: 200KB }")  # a minute for anna's
        with Running(self.cut, "copy", "--only", ANNA, "--only", CARLA, "--json") as copy:
            until(lambda: self.state(ANNA) == "Syncing", PATIENCE, "the copy to begin")
            self.cut.run("copy", exits=1).says("is held by process")
            self.cut.run("mailbox", "stop", ANNA, exits=0).says("1 mailbox stopped")
            ended = copy.ends().exits(1).json()
        self.assertEqual(by_address(ended)[ANNA]["state"], "Stopped")
        self.assertEqual(by_address(ended)[CARLA]["state"], "Synced")
        self.cut.run("copy", "--only", ANNA, exits=1).says("stopped by hand", "cutover mailbox start")
        self.cut.run("mailbox", "resume", ANNA.upper(), exits=0)

    def test_3b_a_mailbox_waits_when_its_day_is_used_up(self):
        self.cut.edit("copy: { bytes_per_s: 200KB }", "copy: { mailbox_bytes_per_day: 8MB }")
        with Running(self.cut, "copy", "--only", ANNA) as copy:  # it may be through before anybody counts
            until(lambda: self.waits(ANNA) or copy.process.poll() is not None, PATIENCE, "more than that")
        with Running(self.cut, "copy", "--only", ANNA, "--only", BEN, "--json") as copy:
            until(lambda: self.waits(ANNA), PATIENCE, "the mailbox to wait for the next day")
            until(lambda: self.state(BEN) == "Synced", PATIENCE, "the other one to go on")
            copy.process.send_signal(signal.SIGINT)
            copy.ends(60).exits(130)
        self.cut.edit("copy: { mailbox_bytes_per_day: 8MB }\n", "")

    def waits(self, address):
        return "copied in 24 hours (copy.mailbox_bytes_per_day)" in str(self.shown(address).get("error"))

    def test_4_what_was_removed_no_longer_counts(self):
        self.cut.run("mailbox", "remove", EMI, exits=2).says("needs a reason")
        self.cut.run("mailbox", "remove", EMI, "--reason", "left in May", exits=0)
        self.cut.run("mailbox", "halt", EMI, exits=2).says("stop|start|remove")
        self.cut.run("copy", exits=0).says("Removed", "left in May", "5 mailboxes complete")
        self.cut.run("gate", "--no-wait", exits=1).says("open mailboxes-complete", f"removed by hand: {EMI} (left in May)")
        self.cut.run("report", exits=0).says(f"mailbox note {EMI}: remove: left in May")
        self.assertEqual(self.lab.compare(ignore=[EMI])[0], 0)

    def test_5_passes_repeat_and_ctrl_c_ends_them(self):
        with Running(self.cut, "copy", "--every", "1s", "--json") as copy:
            # Of this run, whatever those before it have left to be counted.
            until(lambda: len(copy.out().splitlines()) >= 2 and self.passes() >= 2, PATIENCE, "two passes, each told and counted")
            copy.process.send_signal(signal.SIGINT)
            copy.ends(60).exits(130).says("run the same command again")

    def test_6_a_quiet_hour_holds_the_copy_and_says_until_when(self):
        with (self.cut.dir / "cutover.yaml").open("a", encoding="utf-8") as project:
            project.write('copy: { quiet_hours: [ "00:00-12:00 UTC", "12:00-24:00 UTC" ] }\n')
        with Running(self.cut, "copy", "--json") as copy:
            until(self.is_paused, PATIENCE, "the pause in status --json")
            copy.process.send_signal(signal.SIGINT)
            copy.ends(60).exits(130)

    def progress(self):
        return self.cut.run("status", "--json", exits=0).json()["progress"]

    def state(self, address):
        return self.shown(address).get("state")

    def shown(self, address):
        """Of a mailbox in a copy that runs; nothing when what is told is still that of an earlier run, which may lack it."""
        progress = self.progress()
        return {} if not progress or progress["ended"] else by_address(progress).get(address, {})

    def passes(self):
        progress = self.progress()
        final = progress and progress["final_pass"]
        return final["passes"] if final else 0

    def is_paused(self):
        progress = self.progress()
        return progress and not progress["ended"] and progress["paused_until"]


if __name__ == "__main__":
    unittest.main()
