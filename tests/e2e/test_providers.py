"""The providers that are not DNS UPDATE, on the same servers: a person with a panel, and a zone file on this machine."""

import re
import subprocess
import unittest

import zone_compare
from support import PATIENCE, Cutover, Lab, Running, until

LOW_TTL = 2
STAGE = ("update delete treyresearch.com. MX\n"
         f"update add treyresearch.com. {LOW_TTL} MX 10 mx1.nwtraders.com.\n"
         'update add treyresearch.com. 4 TXT "MS=ms87257449"\n')
UNSTAGE = ("update delete treyresearch.com. MX\n"
           "update add treyresearch.com. 16 MX 10 mx1.nwtraders.com.\n"
           'update delete treyresearch.com. TXT "MS=ms87257449"\n')


def with_provider(lab, lines):
    """A project whose `dns:` section is these lines."""
    cut = Cutover(lab)
    text = (cut.dir / "cutover.yaml").read_text(encoding="utf-8")
    text, times = re.subn(r"(?m)^dns:\n(?:  .*\n)+", f"dns:\n{lines}", text)
    assert times == 1
    cut.write("cutover.yaml", text)
    return cut


class Providers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(mx_ttl=16, txt_ttl=4, mail="none")
        cls.addClassCleanup(cls.lab.down)
        cls.before = cls.lab.zone()

    def tearDown(self):
        """By an edit from outside, whatever cutover left: the tests do not depend on each other."""
        self.lab.do("update", stdin=UNSTAGE)
        self.served(self.before)

    def served(self, wanted):
        until(lambda: self.lab.zone("secondary") == self.lab.zone() == wanted, PATIENCE, "both servers to have the zone as wanted")

    def test_by_hand_the_sheet_is_printed_and_the_dns_is_watched(self):
        cut = with_provider(self.lab, "  provider: manual\n  panel: godaddy\n")
        cut.run("plan", exits=0)
        cut.run("stage", "--no-wait", exits=4).says("MS=ms87257449", "1.", "@")
        self.assertEqual(self.before, self.lab.zone())
        with Running(cut, "stage") as stage:
            stage.reads("MS=ms87257449").reads("waiting until")
            self.lab.do("update", stdin=STAGE)
            stage.ends().exits(0)
        cut.run("verify", "--wait", "10m", exits=0)
        self.assertTrue(cut.run("status", "--json", exits=0).json()["staged"])
        cut.run("stage", exits=0).says("staged already")
        with Running(cut, "rollback") as rollback:
            rollback.reads("MS=ms87257449").reads("waiting until")
            self.lab.do("update", stdin=UNSTAGE)
            rollback.ends().exits(0)
        self.served(self.before)
        doc = cut.run("report", "--json", exits=0).json()
        self.assertEqual((False, True), (doc["staged"], doc["journal_intact"]))

    def test_by_hand_instead_of_the_provider_and_back_by_one_sheet(self):
        """As when an API refuses the account: the same project file, one option more."""
        cut = Cutover(self.lab)
        cut.run("plan", exits=0)
        cut.run("stage", "--by-hand", "--no-wait", exits=4).says("Changes of treyresearch.com by hand: staging", "1.", "2.")
        self.lab.do("update", stdin=STAGE)
        until(lambda: self.lab.zone("secondary") == self.lab.zone(), PATIENCE, "the secondary to follow the primary")
        cut.run("stage", "--by-hand", "--no-wait", exits=0)
        self.assertTrue(cut.run("status", "--json", exits=0).json()["staged"])
        sheet = cut.run("rollback", "--by-hand", "--no-wait", exits=4)
        sheet.says("by hand: rollback", "1. treyresearch.com", "2. treyresearch.com", "2 changes")
        self.lab.do("update", stdin=UNSTAGE)
        self.served(self.before)
        cut.run("rollback", "--by-hand", "--no-wait", exits=0)
        doc = cut.run("report", "--json", exits=0).json()
        self.assertEqual((False, True), (doc["staged"], doc["journal_intact"]))
        self.assertEqual([("stage", "intent"), ("stage", "done"), ("rollback", "intent"), ("rollback", "done")],
                         [(row["step"], row["kind"]) for row in doc["journal"]])

    def test_by_hand_a_half_done_sheet_is_still_awaited(self):
        cut = with_provider(self.lab, "  provider: manual\n")
        cut.run("plan", exits=0)
        self.lab.do("update", stdin='update add treyresearch.com. 4 TXT "MS=ms87257449"\n')
        until(lambda: self.lab.zone("secondary") == self.lab.zone(), PATIENCE, "the secondary to follow the primary")
        cut.run("stage", "--no-wait", exits=4).says("treyresearch.com MX", "1 change has").hides("MS=ms87257449")
        self.assertFalse(cut.run("status", "--json", exits=0).json()["staged"])

    def test_a_zone_file_is_edited_and_nothing_else_in_it(self):
        path = self.zone_file()
        path.write_text("; edited by people, with care\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
        text = path.read_text(encoding="utf-8")
        cut = with_provider(self.lab, f"  provider: zonefile\n  path: {path}\n")
        cut.run("plan", exits=0)
        cut.run("stage", exits=0).says("2 records changed and read back")
        old, new = (set(t.splitlines()) for t in (text, path.read_text(encoding="utf-8")))
        self.assertIn("; edited by people, with care", new)
        self.assertTrue(any("MS=ms87257449" in line for line in new - old))
        gone = {word for line in old - new for word in line.split() if word in ("MX", "SOA", "A", "TXT", "NS", "CNAME")}
        self.assertEqual({"MX", "SOA"}, gone)
        self.assertEqual(self.before, self.lab.zone(), "the server was not reloaded yet")
        cut.run("verify", exits=4).says("does not show")
        self.reload()
        cut.run("verify", "--wait", "10m", exits=0)
        staged = zone_compare.differences(self.before, self.lab.zone())
        self.assertEqual(2, len(staged), staged)
        cut.run("rollback", exits=0).says("2 records restored and read back")
        self.reload()
        self.served(self.before)

    def test_a_zone_file_edited_meanwhile_is_refused(self):
        path = self.zone_file()
        cut = with_provider(self.lab, f"  provider: zonefile\n  path: {path}\n")
        cut.run("plan", exits=0)
        before = path.read_text(encoding="utf-8")
        self.addCleanup(path.write_text, before, encoding="utf-8")
        text = before.replace("mx1.nwtraders.com.", "mx9.nwtraders.com.")
        path.write_text(text, encoding="utf-8")
        cut.run("stage", exits=1).says("somebody else changed it", "mx9.nwtraders.com.")
        self.assertEqual(text, path.read_text(encoding="utf-8"))

    def test_a_zone_file_has_a_type_that_a_cname_would_stand_beside(self):
        """No server would load such a zone again: the plan names the record and stops."""
        clients = "autodiscover.treyresearch.com"
        self.lab.do("update", stdin=f"update delete {clients} CNAME\nupdate add {clients} 4 A 192.0.2.80\n"
                                    f"update add {clients} 4 TYPE65280 \\# 4 0a000001\n")
        try:
            until(lambda: self.lab.zone("secondary") == self.lab.zone(), PATIENCE, "the secondary to follow the primary")
            path = self.zone_file()
            self.assertIn("TYPE65280", path.read_text(encoding="utf-8"))
            cut = with_provider(self.lab, f"  provider: zonefile\n  path: {path}\n")
            cut.run("plan", exits=1).says(f"planning {clients} CNAME",
                                          "a record of type TYPE65280 stands in the way there: \\# 4 0a000001")
        finally:
            self.lab.do("update", stdin=f"update delete {clients}\nupdate add {clients} {self.client_ttl()} CNAME "
                                        "autodiscover.nwtraders.com.\n")

    def client_ttl(self):
        return next(ttl for record, ttl in self.before.items() if record.owner.startswith("autodiscover."))

    def zone_file(self):
        """The primary's own, once it has written down what was edited before: it does that a little later than it answers."""
        self.control("zone-flush")
        return self.lab.dir / "primary" / "zones" / "treyresearch.com.zone"

    def reload(self):
        self.control("zone-reload")

    def control(self, word):
        done = subprocess.run(["knotc", "-b", "-t", str(PATIENCE), "-c", str(self.lab.dir / "primary" / "knot.conf"), word,
                               "treyresearch.com"], capture_output=True, text=True, check=False)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
