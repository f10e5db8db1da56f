"""The main job, told step by step: one domain moves from one provider to another, on the lab's real servers."""

import contextlib
import csv
import html.parser
import sqlite3
import time
import unittest
import xml.etree.ElementTree as ElementTree
from datetime import datetime, timezone

import zone_compare
from support import PATIENCE, Cutover, Lab, Steps, mailbox, until

MX_TTL = 60  # the old one: long enough that the copies end before it has run out
LOW_TTL = MX_TTL // 8
OLD_MX = "treyresearch.com. MX 10 mx1.nwtraders.com."
NEW_MX = "treyresearch.com. MX 0 treyresearch-com.mail.protection.outlook.com."
TOKEN = 'treyresearch.com. TXT "MS=ms87257449"'
OLD_SPF = 'treyresearch.com. TXT "v=spf1 include:nwtraders.com -all"'
NEW_SPF = 'treyresearch.com. TXT "v=spf1 include:nwtraders.com include:spf.protection.outlook.com -all"'
LAST_SPF = 'treyresearch.com. TXT "v=spf1 include:spf.protection.outlook.com -all"'
EMI = "emi.tanaka@treyresearch.com"


def instant(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()


def on_both_servers(lab):
    """The primary's zone, once the secondary has the same."""
    until(lambda: lab.zone("secondary") == lab.zone("primary"), PATIENCE, "the secondary to follow the primary")
    return lab.zone()


def verdicts(result):
    return {gate["gate"]: gate for gate in result.json()["gates"]}


class Page(html.parser.HTMLParser):
    """What a page would load or run."""

    def __init__(self, text):
        super().__init__()
        self.outside, self.tags = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.outside += [f"{tag} {name}={value}" for name, value in attributes
                         if name in ("src", "href", "srcset", "data", "action", "style") or name.startswith("on")]


class TheMainJob(Steps):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(mx_ttl=MX_TTL, txt_ttl=4)
        cls.addClassCleanup(cls.lab.down)
        cls.cut = Cutover(cls.lab)
        cls.before = on_both_servers(cls.lab)

    def changed(self, before, after):
        return sorted(zone_compare.differences(before, after))

    def mailboxes(self, result):
        return {box["mailbox"]: box for box in result.json()["mailboxes"]}

    def test_01_init_writes_a_commented_project_file_that_loads(self):
        lab = self.lab
        fresh = Cutover(lab)
        (fresh.dir / "cutover.yaml").unlink()
        fresh.run("init", "treyresearch.com", "--resolver", lab.env["LAB_RESOLVER"], "--root-hints",
                  lab.env["LAB_ROOT_HINTS"], "--trust-anchor", lab.env["LAB_TRUST_ANCHOR"], exits=0).says("wrote cutover.yaml")
        text = (fresh.dir / "cutover.yaml").read_text(encoding="utf-8")
        for found in ("domain: treyresearch.com", "mx1.nwtraders.com", "include:nwtraders.com", "ns1.registrar-dns.com",
                      lab.env["LAB_RESOLVER"], lab.env["LAB_ROOT_HINTS"]):
            self.assertIn(found, text)
        self.assertGreater(sum(line.lstrip().startswith("#") for line in text.splitlines()), 40)
        # the lab's mail hosts are on loopback, and a fresh project file does not know that it is a lab
        audit = fresh.run("audit", "--json", "--ignore", "mx-target-bogon", exits=0).json()
        self.assertEqual("treyresearch.com", audit["domain"])
        self.assertEqual({"mx-target-bogon"}, {one["check"] for one in audit["ignored"]})
        fresh.run("init", "treyresearch.com", exits=2).says("cutover.yaml", "not overwritten")
        self.assertEqual(text, (fresh.dir / "cutover.yaml").read_text(encoding="utf-8"))

    def test_02_audit_shows_the_mx_ttl(self):
        self.cut.run("audit", exits=0).says("mx-ttl-high", f"{MX_TTL} s")
        found = {item["check"]: item for item in self.cut.run("audit", "--json", exits=0).json()["findings"]}
        self.assertLessEqual({"mx-ttl-high", "verify-txt-missing", "spf-target-missing"}, found.keys())
        self.assertEqual({"ns1.registrar-dns.com", "ns2.registrar-dns.com"},
                         {seen["server"] for seen in found["mx-ttl-high"]["evidence"]})
        self.cut.run("audit", "--fail-on", "info", exits=1)

    def test_03_nothing_is_staged_before_there_is_a_plan(self):
        self.cut.run("stage", exits=1).says("there is no plan yet", "cutover plan")

    def test_04_plan_shows_two_sets_as_a_diff(self):
        text = self.cut.run("plan", exits=0).out
        staging, switch = text.split("\nswitch:")
        for line in ('+ treyresearch.com. 4 IN TXT "MS=ms87257449"',
                     '  treyresearch.com. 4 IN TXT "v=spf1 include:nwtraders.com -all"',
                     f"- treyresearch.com. {MX_TTL} IN MX 10 mx1.nwtraders.com.",
                     f"+ treyresearch.com. {LOW_TTL} IN MX 10 mx1.nwtraders.com."):
            self.assertIn(line, staging.splitlines())
        for line in (f"- treyresearch.com. {LOW_TTL} IN MX 10 mx1.nwtraders.com.",
                     f"+ treyresearch.com. {MX_TTL} IN MX 0 treyresearch-com.mail.protection.outlook.com.",
                     '- treyresearch.com. 4 IN TXT "v=spf1 include:nwtraders.com -all"',
                     '+ treyresearch.com. 4 IN TXT "v=spf1 include:nwtraders.com include:spf.protection.outlook.com -all"'):
            self.assertIn(line, switch.splitlines())
        self.assertIn("+ autodiscover.treyresearch.com.", switch)
        self.assertEqual(self.before, self.lab.zone())

    def test_05_a_dry_run_writes_nothing(self):
        self.cut.run("stage", "--dry-run", exits=0).says("dry run")
        self.assertEqual(self.before, self.lab.zone())
        self.assertEqual([], self.cut.run("report", "--json", exits=0).json()["journal"])

    until = float("inf")  # when the old TTL has run out

    def test_06_stage_changes_exactly_two_rrsets(self):
        type(self).staged_at = int(time.time())
        self.cut.run("stage", exits=0).says("2 records changed and read back")
        type(self).staged = self.lab.zone()
        self.assertEqual([f"TTL: {OLD_MX}: {MX_TTL} became {LOW_TTL}", f"new: {TOKEN} (TTL 4)"],
                         self.changed(self.before, self.staged))
        self.cut.run("stage", exits=0).says("staged already")

    def test_07_verify_proves_it_at_both_servers_and_the_resolver(self):
        watch = self.cut.run("verify", "--wait", "10m", "--json", exits=0).json()
        rows = watch["rows"]
        asked = {(row["record"].split()[-1], row["address"]) for row in rows if row["as_wished"]}
        for server in ("LAB_PRIMARY", "LAB_SECONDARY", "LAB_RESOLVER"):
            self.assertLessEqual({("TXT", self.lab.env[server]), ("MX", self.lab.env[server])}, asked)
        self.assertEqual(6, len(rows))
        self.assertEqual(self.staged, self.lab.zone("secondary"))
        # The mailboxes are not copied yet; how long the old MX may be in a cache is known already.
        drained = verdicts(self.cut.run("gate", "--no-wait", "--json", exits=1))["old-ttl-drained"]
        if drained["verdict"] == "waiting":
            type(self).until = instant(drained["until"])
        else:
            self.assertEqual("open", drained["verdict"])
            type(self).until = time.time()
        self.assertLessEqual(self.staged_at + MX_TTL, self.until)
        self.assertLessEqual(self.until, time.time() + MX_TTL + 1)

    def test_07b_a_watch_names_the_server_that_is_awaited(self):
        self.lab.do("stop", "secondary")
        try:
            watch = self.cut.run("audit", "--watch", "--wait", "1s", "--fail-on", "warning", exits=1)
            watch.says("ns-unreachable", "Awaited", f"{self.lab.env['LAB_SECONDARY']} connection refused")
        finally:
            self.lab.do("start", "secondary")
        self.cut.run("verify", "--wait", "10m", exits=0)
        self.assertEqual(self.staged, self.lab.zone("secondary"))

    def test_08_a_pilot_copies_two_mailboxes(self):
        boxes = self.mailboxes(self.cut.run("copy", "--pilot", "2", "--json", exits=0))
        self.assertEqual(["anna.weber@treyresearch.com", "ben.okafor@treyresearch.com"], sorted(boxes))
        self.assertEqual({"Synced"}, {box["state"] for box in boxes.values()})

    def test_09_copy_completes_five_and_tells_the_wrong_password_with_its_row(self):
        secrets = [line.split("\t")[1] for line in self.lab.do("users").splitlines()[1:]]
        result = self.cut.run("copy", exits=1)
        result.says("row 6:", EMI, "the server refused this password", "5 of 6 mailboxes complete, 1 failed")
        result.hides(*secrets)
        boxes = {box["mailbox"]: box for box in self.cut.run("status", "--json", exits=0).json()["mailboxes"]}
        self.assertEqual({"Failed": 1, "Synced": 5}, count(box["state"] for box in boxes.values()))
        self.assertEqual("Failed", boxes[EMI]["state"])
        self.assertEqual((0, ""), self.differences(ignore=[EMI]))

    def test_10_the_gate_is_closed_and_says_which_and_why(self):
        result = self.cut.run("gate", "--no-wait", exits=1)
        result.says("gate mailboxes-complete is closed", EMI, "row 6", "the server refused this password")
        gates = verdicts(self.cut.run("gate", "--no-wait", "--json", exits=1))
        shut = {name for name, gate in gates.items() if gate["verdict"] == "closed"}
        self.assertEqual({"mailboxes-complete", "mailboxes-fresh", "mailboxes-verified", "counts-agree"}, shut)
        self.assertTrue(all(gate["evidence"] for gate in gates.values()))
        self.cut.run("switch", "--no-wait", exits=1)
        self.assertEqual(self.staged, self.lab.zone())

    def test_11_with_the_password_corrected_only_what_is_missing_moves(self):
        self.cut.use_users(self.lab.env["LAB_USERS_FIXED"])
        boxes = self.mailboxes(self.cut.run("copy", "--json", exits=0))
        self.assertEqual({"Synced": 6}, count(box["state"] for box in boxes.values()))
        self.assertEqual({EMI}, {name for name, box in boxes.items() if box["copied"]})
        self.assertEqual(boxes[EMI]["messages"], boxes[EMI]["copied"])
        self.assertEqual((0, ""), self.differences())

    def waits_as_long_as_the_clock_runs(self, *words):
        """The Result of a command that ends with 4 before the old TTL has run out; None when that came to pass meanwhile."""
        result = self.cut.run(*words)
        if time.time() > self.until:  # a slow machine
            self.assertIn(result.status, (0, 4), result)
            return None
        return result.exits(4)

    def test_12_the_gate_says_until_when_it_waits_and_why(self):
        wait = self.waits_as_long_as_the_clock_runs("gate", "--no-wait", "--json")
        if not wait:
            return
        gates = verdicts(wait)
        self.assertEqual({"open": len(gates) - 1, "waiting": 1}, count(gate["verdict"] for gate in gates.values()))
        drained = gates["old-ttl-drained"]
        self.assertEqual("waiting", drained["verdict"])
        self.assertEqual(self.until, instant(drained["until"]))
        text = self.waits_as_long_as_the_clock_runs("gate", "--no-wait")
        if text:
            text.says(drained["until"], "a cache may still hold the old MX", f"{MX_TTL} s")
            self.assertEqual(self.staged, self.lab.zone())

    def test_13_the_gate_waits_and_opens(self):
        began = time.time()
        waited = self.cut.run("gate", exits=0).says("every gate lets pass")
        if began + 30 < self.until:  # the gates ask servers before they look at the clock, and the machine may stand still
            waited.says("waiting until", "a cache may still hold the old MX")
        self.assertGreaterEqual(time.time(), self.until)

    def test_14_switch_changes_three_rrsets_and_proves_them_on_both_servers(self):
        self.cut.run("switch", exits=0).says("3 records changed and read back", "every authoritative server shows them")
        self.assertEqual(self.lab.zone("primary"), self.lab.zone("secondary"))
        changes = self.changed(self.staged, self.lab.zone("secondary"))
        self.assertEqual([f"gone: autodiscover.treyresearch.com. CNAME autodiscover.nwtraders.com. (TTL {MX_TTL // 2})",
                          f"gone: {OLD_MX} (TTL {LOW_TTL})", f"gone: {OLD_SPF} (TTL 4)"], changes[:3])
        self.assertEqual([f"new: {NEW_MX} (TTL {MX_TTL})", f"new: {NEW_SPF} (TTL 4)"], changes[4:])
        self.assertIn("new: autodiscover.treyresearch.com. CNAME autodiscover.outlook.com.", changes[3])
        self.assertEqual(6, len(changes))
        type(self).switched = self.lab.zone()
        intents = [row for row in self.cut.run("report", "--json", exits=0).json()["journal"]
                   if row["step"] == "switch" and row["kind"] == "intent"]
        self.assertEqual(1, len(intents), "one change set, not three")

    def test_15_switch_again_changes_nothing(self):
        self.cut.run("cleanup", exits=1).says("the old side may still get mail", "cutover tail")
        self.cut.run("switch", exits=0)
        self.assertEqual(self.switched, self.lab.zone())

    def test_16_tail_brings_what_came_late_to_the_old_side(self):
        text = "From: late@contoso.com\nSubject: sent to the old MX\n\nStill on its way.\n"
        self.lab.do("deliver-old", "anna.weber@treyresearch.com", "-", stdin=text)
        self.cut.run("tail", exits=0).says("the old side is idle since", "no cache can hold the old MX")
        with mailbox(self.lab, "anna.weber", "target") as account:
            self.assertEqual(1, account.count("sent to the old MX"))
        self.assertEqual((0, ""), self.differences())

    def test_16b_clean_up_takes_away_what_only_the_move_needed(self):
        switched = self.lab.zone()
        self.cut.run("cleanup", "--dry-run", exits=0).says("dry run: 1 changes")
        self.assertEqual(switched, self.lab.zone())
        self.cut.run("cleanup", exits=0).says("1 record changed and read back", "every authoritative server shows them")
        self.assertEqual([f"gone: {TOKEN} (TTL 4)", f"gone: {NEW_SPF} (TTL 4)", f"new: {LAST_SPF} (TTL 4)"],
                         sorted(self.changed(switched, self.lab.zone("secondary"))))
        cleaned = self.lab.zone()
        self.cut.run("cleanup", exits=0).says("cleaned up already")
        self.cut.run("switch", exits=0).says("switched already; every authoritative server shows it")
        self.assertEqual(cleaned, self.lab.zone())

    def test_17_the_report_tells_the_story_in_text(self):
        result = self.cut.run("report", exits=0)
        result.says("stage", "intent", "TXT, treyresearch.com. MX", "the chain of hashes is intact", EMI, "every gate lets pass",
                    "include:spf.protection.outlook.com", "369", "open        recipients-accepted")
        self.assertLessEqual(max(map(len, result.out.splitlines())), 200)

    def test_18_the_report_is_a_json_document(self):
        doc = self.cut.run("report", "--json", exits=0).json()
        self.assertEqual((1, "treyresearch.com", True, True), (doc["version"], doc["domain"], doc["staged"], doc["switched"]))
        self.assertEqual({"done"}, {step["state"] for step in doc["steps"]})
        self.assertEqual(["audit", "plan", "stage", "verify", "copy", "gate", "switch", "tail", "cleanup"],
                         [step["step"] for step in doc["steps"]])
        self.assertTrue(doc["journal_intact"])
        self.assertEqual([["stage", "intent"], ["stage", "done"], ["switch", "intent"], ["switch", "done"],
                          ["cleanup", "intent"], ["cleanup", "done"]],
                         [[row["step"], row["kind"]] for row in doc["journal"]])
        self.assertEqual({True}, {box["verified"] for box in doc["mailboxes"]})
        self.assertEqual([], doc["refusals"])

    def test_19_the_report_writes_junit_csv_and_one_self_contained_page(self):
        self.cut.run("report", "--html", "r.html", "--junit", "r.xml", "--csv", "r.csv", exits=0)
        suites = {suite.get("name"): suite for suite in ElementTree.parse(self.cut.dir / "r.xml").getroot()}
        self.assertLessEqual({"audit", "mailboxes", "gates"}, suites.keys())
        for suite in suites.values():
            self.assertEqual(int(suite.get("tests")), len(suite.findall("testcase")))
            self.assertEqual(int(suite.get("failures")), len(suite.findall("testcase/failure")))
        self.assertEqual(("6", "0"), (suites["mailboxes"].get("tests"), suites["mailboxes"].get("failures")))
        self.assertEqual("0", suites["gates"].get("failures"))
        with open(self.cut.dir / "r.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([2, 3, 4, 5, 6, 7], [int(row["Row"]) for row in rows])
        self.assertEqual({"Completed"}, {row["State"] for row in rows}, "the tail has seen the last of them")
        text = (self.cut.dir / "r.html").read_text(encoding="utf-8")
        page = Page(text)
        self.assertEqual([], page.outside)
        self.assertEqual(set(), page.tags & {"script", "link", "img", "iframe", "object", "base", "form"})
        self.assertNotIn("url(", text)
        for told in ("treyresearch.com", EMI, "old-ttl-drained", "MS=ms87257449", "intent"):
            self.assertIn(told, text)

    def test_20_no_password_is_anywhere_in_the_state_or_the_reports(self):
        secrets = [word.encode() for line in self.lab.do("users").splitlines()[1:] for word in line.split("\t")[1:]]
        secrets.append(open(self.lab.env["LAB_TSIG_SECRET_FILE"], "rb").read().strip())
        for path in self.cut.dir.rglob("*"):
            if path.is_file() and path.name != "users.csv":
                found = [secret for secret in secrets if secret in path.read_bytes()]
                self.assertEqual([], found, path)
        self.assertEqual(0o600, (self.cut.dir / ".cutover" / "state.db").stat().st_mode & 0o777)

    def test_21_rollback_restores_the_zone_exactly_on_both_servers(self):
        self.cut.run("rollback", exits=0).says("6 records restored and read back")
        self.assertEqual([], self.changed(self.before, self.lab.zone("primary")))
        self.assertEqual([], self.changed(self.before, on_both_servers(self.lab)))
        self.cut.run("rollback", exits=0).says("nothing to roll back")
        doc = self.cut.run("report", "--json", exits=0).json()
        self.assertEqual((False, False, True), (doc["staged"], doc["switched"], doc["journal_intact"]))
        self.assertEqual((0, ""), self.differences())

    def test_22_a_journal_that_somebody_changed_is_told(self):
        with contextlib.closing(sqlite3.connect(self.cut.dir / ".cutover" / "state.db")) as db, db:
            for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                db.execute(f"DROP TRIGGER {trigger}")  # the store itself lets no row be changed
            self.assertEqual(1, db.execute("UPDATE journal SET subject = 'www.treyresearch.com. A' WHERE seq = 2").rowcount)
        self.assertFalse(self.cut.run("report", "--json").json()["journal_intact"])
        self.cut.run("report").says("BROKEN")

    def differences(self, ignore=()):
        status, text = self.lab.compare(ignore=ignore)
        return status, "" if status == 0 else text


def count(values):
    found = {}
    for value in values:
        found[value] = found.get(value, 0) + 1
    return found


if __name__ == "__main__":
    unittest.main()
