"""What must not happen does not: a stale plan, a second writer, a gate that was not accepted by name."""

import json
import sqlite3
import unittest

import zone_compare
from support import PATIENCE, Cutover, Lab, until

FOREIGN = "update add treyresearch.com. {ttl} MX 20 backup.contoso.com.\n"


class StalePlans(unittest.TestCase):
    """Somebody edits the MX beside us. No mail is needed for that: the mailboxes are empty."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(mx_ttl=16, txt_ttl=4, mail="none")
        cls.addClassCleanup(cls.lab.down)
        cls.before = cls.lab.zone()

    def setUp(self):
        self.cut = Cutover(self.lab)
        self.cut.use_users(self.lab.env["LAB_USERS_FIXED"])
        self.addCleanup(self.back_to_the_beginning)

    def back_to_the_beginning(self):
        """By an edit from outside, whatever cutover left: the tests do not depend on each other."""
        lines = []
        for owner, rrtype in (("treyresearch.com.", "MX"), ("treyresearch.com.", "TXT"),
                              ("autodiscover.treyresearch.com.", "CNAME")):
            lines.append(f"update delete {owner} {rrtype}")
            lines += [f"update add {owner} {ttl} {rrtype} {record.rdata}" for record, ttl in self.before.items()
                      if (record.owner, record.rrtype) == (owner, rrtype)]
        self.lab.do("update", stdin="\n".join(lines) + "\n")
        until(lambda: self.lab.zone("secondary") == self.lab.zone() == self.before, PATIENCE, "the zone to be as at first")

    def test_an_edit_between_plan_and_stage_is_refused_and_nothing_is_written(self):
        self.cut.run("plan", exits=0)
        self.lab.do("update", stdin=FOREIGN.format(ttl=16))
        edited = self.lab.zone()
        result = self.cut.run("stage", exits=1)
        result.says("MX", "somebody else changed it", "backup.contoso.com", "nothing was written", "cutover plan")
        self.assertEqual(edited, self.lab.zone())
        self.cut.run("plan", exits=0).says("backup.contoso.com")
        self.cut.run("stage", exits=0)
        self.lab.do("update", stdin="update delete treyresearch.com. MX 20 backup.contoso.com.\n")

    def test_an_edit_between_stage_and_switch_is_refused_and_nothing_is_written(self):
        for words in (("plan",), ("stage",), ("verify", "--wait", "10m"), ("copy",), ("gate",)):
            self.cut.run(*words, exits=0)
        self.lab.do("update", stdin=FOREIGN.format(ttl=2))
        edited = self.lab.zone()
        # An acceptance is for the servers that it names: both, or it is another matter while one follows the other.
        until(lambda: self.lab.zone("secondary") == edited, PATIENCE, "the secondary to follow")
        self.cut.run("switch", exits=1).says("closed no-drift", "somebody changed the zone since the plan was made")
        self.assertEqual(edited, self.lab.zone())
        # Accepting gates lets pass; it does not let a record be overwritten that nobody planned with.
        for gate in ("no-drift", "zone-edited-is-zone-served"):
            self.cut.run("accept", gate, "--reason", "I know of the backup host", exits=0)
        self.cut.run("switch", exits=1).says("somebody else changed it", "nothing was written")
        self.assertEqual(edited, self.lab.zone())
        self.lab.do("update", stdin="update delete treyresearch.com. MX 20 backup.contoso.com.\n")
        until(lambda: self.lab.zone("secondary") == self.lab.zone(), PATIENCE, "the secondary to follow")
        self.cut.run("switch", exits=0)
        self.assertTrue(any("protection.outlook.com" in line and line.startswith("new: treyresearch.com. MX")
                            for line in zone_compare.differences(self.before, self.lab.zone())))

    def test_rollback_refuses_a_record_that_somebody_else_changed(self):
        self.cut.run("plan", exits=0)
        self.cut.run("stage", exits=0)
        self.lab.do("update", stdin=FOREIGN.format(ttl=2))
        edited = self.lab.zone()
        self.cut.run("rollback", exits=1).says("backup.contoso.com")
        self.assertEqual(edited, self.lab.zone())
        self.lab.do("update", stdin="update delete treyresearch.com. MX 20 backup.contoso.com.\n")
        self.cut.run("rollback", exits=0)
        self.assertEqual(self.before, self.lab.zone())

    def seen_ttls(self):
        """Of the MX at the primary, in the order in which they were seen."""
        with sqlite3.connect(self.cut.dir / ".cutover" / "state.db") as db:
            rows = db.execute("SELECT value FROM observation WHERE kind = 'rrset' AND subject = 'treyresearch.com. MX' AND who = ?"
                              " ORDER BY id", (self.lab.env["LAB_PRIMARY"],)).fetchall()
        db.close()
        return [json.loads(value)["ttl"] for (value,) in rows]

    def test_what_a_rollback_put_back_is_waited_for_anew(self):
        for word in ("plan", "stage", "rollback", "stage"):
            self.cut.run(word, exits=0)
        self.assertEqual([16, 2, 16, 2], self.seen_ttls(), "caches may have the long TTL again")

    def set_clock_since(self, seconds):
        """As if this machine's clock had been set by so much since the last look: no test may set the machine's own."""
        with sqlite3.connect(self.cut.dir / ".cutover" / "state.db") as db:
            (text,) = db.execute("SELECT text FROM document WHERE name = 'clock'").fetchone()
            clock = json.loads(text)
            clock["start_ms"] -= seconds * 1000
            db.execute("UPDATE document SET text = ? WHERE name = 'clock'", (json.dumps(clock),))
        db.close()

    def test_a_clock_that_is_set_forward_opens_no_wait_and_set_right_again_is_forgotten(self):
        for words in (("plan",), ("stage",), ("verify", "--wait", "10m")):
            self.cut.run(*words, exits=0)
        self.set_clock_since(3600)
        self.cut.run("gate", "--no-wait", exits=1).says("waiting     old-ttl-drained", "clock was set forward by 1 h 00 min since")
        self.set_clock_since(-3600)
        self.cut.run("gate", "--no-wait", exits=1).hides("clock was set")

    def test_what_somebody_took_back_is_staged_again_by_a_plan_that_says_so(self):
        self.cut.run("plan", exits=0)
        self.cut.run("stage", exits=0)
        self.back_to_the_beginning()
        self.cut.run("stage", exits=0).says("staged already")
        self.cut.run("plan", exits=0).says("MS=ms87257449")
        self.cut.run("stage", exits=0).says("2 records changed and read back")
        self.cut.run("stage", exits=0).says("staged already")
        self.cut.run("rollback", exits=0)
        self.assertEqual(self.before, self.lab.zone())

    def test_a_wrong_key_is_told_and_nothing_is_written(self):
        path = self.cut.write("wrong.key", "bm90IHRoZSBzZWNyZXQgb2YgdGhpcyBzZXJ2ZXIhISE=\n")
        path.chmod(0o600)
        self.cut.edit(f"file:{self.lab.env['LAB_TSIG_SECRET_FILE']}", "file:wrong.key")
        self.cut.run("plan", exits=0)
        self.cut.run("stage", exits=1).says("key").hides("bm90IHRoZSBz")
        self.assertEqual(self.before, self.lab.zone())

    def test_accepting_a_gate_is_journalled_and_shown_in_every_report(self):
        reason = "the pilot group <checked> it & is content"
        self.cut.run("accept", "mailboxes-verifed", "--reason", reason, exits=2).says("did you mean 'mailboxes-verified'?")
        self.cut.run("accept", "mailboxes-verified", exits=2).says("reason")
        self.cut.run("accept", "mailboxes-verified", "--reason", " ", exits=2).says("reason")
        self.cut.run("accept", "mailboxes-verified", "--reason", reason, exits=1).says("were not asked yet", "cutover gate")
        self.cut.run("plan", exits=0)
        self.cut.run("gate", "--no-wait", exits=1)
        self.cut.run("accept", "mailboxes-verified", "--reason", reason, exits=0)
        closed = {gate["gate"]: gate for gate in self.cut.run("gate", "--no-wait", "--json", exits=1).json()["gates"]}
        self.assertEqual(reason, closed["mailboxes-verified"]["accepted"])
        self.assertEqual("closed", closed["mailboxes-verified"]["verdict"])
        doc = self.cut.run("report", "--json", exits=0).json()
        self.assertEqual([("accept", "mailboxes-verified", reason)],
                         [(row["step"], row["subject"], row["reason"]) for row in doc["journal"]])
        self.cut.run("report", exits=0).says(reason, "accept")
        self.cut.run("report", "--html", "r.html", exits=0)
        page = (self.cut.dir / "r.html").read_text(encoding="utf-8")
        self.assertIn("&lt;checked&gt; it &amp; is content", page)
        self.assertNotIn("<checked>", page)

    def test_an_accepted_gate_lets_pass_and_no_other(self):
        for words in (("plan",), ("stage",), ("verify", "--wait", "10m"), ("copy", "--no-verify")):
            self.cut.run(*words, exits=0)
        gates = {gate["gate"]: gate["verdict"] for gate in self.cut.run("gate", "--json", exits=1).json()["gates"]}
        self.assertEqual("closed", gates["mailboxes-verified"])
        self.cut.run("accept", "mailboxes-verified", "--reason", "empty mailboxes", exits=0)
        self.cut.run("gate", exits=0).says("empty mailboxes")


if __name__ == "__main__":
    unittest.main()
