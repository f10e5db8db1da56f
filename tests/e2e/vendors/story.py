"""What every DNS host must survive: the story of staging and putting back, each way in which an API fails, and being killed.

    class GoDaddyStory(story.Story):
        kind = GoDaddy

Such a class inherits all tests of `Story`; what is particular of a vendor it adds as tests of its own.
"""

import os
import unittest

import zone_compare
from support import PATIENCE, Lab, until

from labkit import dns

from .api import APEX, FOREIGN_MX, Api

LONG = os.environ.get("CUTOVER_LONG") == "1"
GATES = ("no-blocking-finding zone-edited-is-zone-served ownership-verified mx-ttl-low old-ttl-drained mailboxes-complete mailboxes-fresh "
         "mailboxes-verified counts-agree recipients-accepted new-mx-healthy spf-covers-target mta-sts-covers-new-mx tlsa-consistent "
         "dnssec-valid no-drift window-open").split()
SIGNERS = {"RRSIG", "NSEC", "DNSKEY", "CDS", "CDNSKEY", "NSEC3", "NSEC3PARAM", "SOA"}  # the records of a server that signs
STAGED = {(APEX, "MX"), (APEX, "TXT")}  # what `stage` changes: the MX's TTL, the token beside the SPF


def open_gates(cut, but=()):
    """Where what is tested is the zone: a switch waits for nothing, `but` for these."""
    cut.edit("policy:\n", "policy:\n  gates: { " + ", ".join(f"{gate}: off" for gate in GATES if gate not in but) + " }\n")


class World(unittest.TestCase):
    """One lab for the tests of a file; its zone is as at first when a test begins."""

    signed = False  # True: what the server makes itself is left out

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(mx_ttl=86400, txt_ttl=3600, mail="none", servers="dns")
        cls.addClassCleanup(cls.lab.down)
        cls.before = cls.zone()

    @classmethod
    def zone(cls, server="primary"):
        records = cls.lab.zone(server)
        return {record: ttl for record, ttl in records.items() if record.rrtype not in SIGNERS} if cls.signed else records

    def setUp(self):
        self.put_back()

    def put_back(self):
        now = self.zone()
        if now == self.before:
            self.settled()
            return
        touched = {(r.owner, r.rrtype) for r in set(now) ^ set(self.before)} | {(r.owner, r.rrtype) for r in now
                                                                                 if self.before.get(r, now[r]) != now[r]}
        # Two updates: Knot still sees the signatures of what the same one deletes, and skips a CNAME beside them.
        for lines in ([f"update delete {owner} {rrtype}" for owner, rrtype in touched if rrtype != "SOA"],
                      [f"update add {r.owner} {ttl} {r.rrtype} {r.rdata}" for r, ttl in self.before.items()
                       if (r.owner, r.rrtype) in touched and r.rrtype != "SOA"]):
            if lines:
                self.lab.ask(dns.update, "\n".join(lines))
        self.settled()
        self.assertEqual(self.before, self.zone())

    def settled(self):
        until(lambda: self.zone("secondary") == self.zone(), PATIENCE, "the secondary to follow the primary")

    def changed(self):
        """The (owner, type) pairs that are not as at first."""
        return {(line.split()[1].rstrip("."), line.split()[2].rstrip(":"))
                for line in zone_compare.differences(self.before, self.zone())}

    def is_staged(self):
        self.assertEqual(STAGED, self.changed())
        self.assertTrue(any("v=spf1" in r.rdata for r in self.zone() if r.rrtype == "TXT" and r.owner == f"{APEX}."))

    def is_as_before(self):
        self.assertEqual([], zone_compare.differences(self.before, self.zone()))


class Story(World):
    """The tests of one vendor; `kind` is its stand-in. Most are for long runs only, but where `whole` is said: at one vendor of
    RRsets and one of records."""

    kind = None
    whole = False
    silent = False  # it falls silent in the ordinary check too
    switches = False  # a switch and its rollback are killed in the ordinary check too: at one of RRsets and one of whole zones

    def needs_long(self):
        if not (LONG or self.whole):
            self.skipTest("the same code as elsewhere: CUTOVER_LONG=1 runs it here too")

    # -- what is done again and again --

    def planned(self, api):
        """A project with a plan, before anything is written."""
        self.settled()
        cut = api.project()
        cut.run("plan", exits=0)
        return cut

    def without_gates(self, api, *steps):
        """A project that may switch at once, where nobody else edits the zone, and has come as far as these steps. No vendor's
        pace is the subject here."""
        self.settled()
        api.per_minute = 600
        cut = api.project()
        open_gates(cut, but=("no-drift", "zone-edited-is-zone-served", "mx-ttl-low", "spf-covers-target"))
        for step in steps:
            cut.run(step, exits=0)
            self.settled()  # a gate looks at each server, and the lab's secondary follows a moment later
        return cut

    def story(self, api):
        cut = api.project()
        cut.run("providers", "--check", exits=0).says("the credentials work", "its zone is the zone that is served")
        cut.run("plan", exits=0)
        cut.run("stage", exits=0).says("read back")
        self.is_staged()
        cut.run("stage", exits=0).says("staged already")
        cut.run("rollback", exits=0).says("restored and read back")
        self.is_as_before()
        self.assertTrue(cut.run("report", "--json", exits=0).json()["journal_intact"])
        self.assertFalse(api.faults)
        return cut

    def resolved(self, kind):
        """A write whose end nobody told: read, finished by the same command, and never sent twice when it was done."""
        self.put_back()
        with self.kind(self.lab) as api:
            cut = self.planned(api)
            api.fail(api.WRITE, "", kind)
            if cut.run("stage").status != 0:
                cut.run("stage", exits=0)
            self.assertFalse(api.faults)
            self.is_staged()
            sent = [(entry.method, entry.path, entry.sent) for entry in api.log if entry.write]
            self.assertLessEqual(len(sent) - len(set(sent)), 1 if kind == api.ERROR_BEFORE else 0, sent)
            cut.run("rollback", exits=0)
            self.is_as_before()

    def falls_silent(self):
        """A write that is done and never answered: ended by the limit of the project, read, and not sent again."""
        self.put_back()
        with self.kind(self.lab) as api:
            cut = self.planned(api)
            cut.edit("network:\n", "network:\n  provider_timeout: 1s\n")
            api.fail(api.WRITE, "", api.SILENT_AFTER)
            # On a loaded machine a second is little for any answer: then the run ends before it has written.
            until(lambda: cut.run("stage") and not api.faults, PATIENCE, "a write to be sent")
            cut.edit("  provider_timeout: 1s\n", "")
            cut.run("stage", exits=0)
            self.is_staged()
            sent = [(entry.method, entry.path, entry.sent) for entry in api.log if entry.write]
            self.assertEqual(len(set(sent)), len(sent), sent)
            cut.run("rollback", exits=0)
            self.is_as_before()

    def refused(self, *says, **how):
        """`stage` fails with these words and nothing is written; `how` is set at the stand-in, `fault` fails its first read."""
        self.put_back()
        fault = how.pop("fault", None)
        with self.kind(self.lab) as api:
            cut = self.planned(api)
            for name, value in how.items():
                setattr(api, name, value)
            if fault is not None:
                api.fail(api.READ, "", fault)
            result = cut.run("stage").says(*says)
            self.assertIn(result.status, (1, 3), result)
            self.assertEqual([], api.writes())
            self.assertEqual(self.before, self.lab.zone())

    def killed_once(self, point):
        self.put_back()
        with self.kind(self.lab) as api:
            cut = self.planned(api)
            cut.run("stage", kill_at=f"{point}:1").was_killed()
            cut.run("stage", exits=0)
            self.is_staged()
            cut.run("rollback", exits=0)
            self.is_as_before()

    def points(self):
        """The names of all points that `stage` passes, in order."""
        with self.kind(self.lab) as api:
            points = list(self.planned(api).points("stage"))
        self.assertGreater(len(points), 2, points)
        return points if LONG else sorted({points[0], points[len(points) // 2], points[-1]}, key=points.index)

    def killed_behind(self, before, point, api=None):
        """The step behind `before` is killed at `point` and run again; then everything is taken back."""
        self.put_back()
        with api or self.kind(self.lab) as api:
            step = {"stage": "switch", "switch": "rollback"}[before[-1]]
            cut = self.without_gates(api, *before)
            cut.run(step, kill_at=point).was_killed()
            cut.run(step, exits=0)
            if step == "switch":
                self.assertIn("protection.outlook.com", str(api.of(APEX, "MX")))
                self.killed_at_once(cut, "rollback", "apply-acted:1")
            self.is_as_before()
            self.nothing_open(cut)

    def killed_at_once(self, cut, step, point):
        cut.run(step, kill_at=point).was_killed()
        cut.run(step, exits=0)

    def nothing_open(self, cut):
        doc = cut.run("report", "--json", exits=0).json()
        kinds = [row["kind"] for row in doc["journal"]]
        self.assertEqual(kinds.count("intent"), sum(kind in ("done", "failed", "unknown") for kind in kinds), doc["journal"])
        self.assertEqual((False, False, True), (doc["staged"], doc["switched"], doc["journal_intact"]))

    def points_behind(self, before):
        """NAME:COUNT of every passing of a point in the step behind `before`."""
        self.put_back()
        with self.kind(self.lab) as api:
            points = self.without_gates(api, *before).points({"stage": "switch", "switch": "rollback"}[before[-1]])
        self.assertIn("apply-acted", points)
        return [f"{name}:{n}" for name, count in points.items() for n in range(1, count + 1)]

    def lands(self, requests):
        """A write whose end nobody tells is done so many requests later: it is ours, whoever's look it comes behind."""
        self.put_back()
        with self.kind(self.lab) as api:
            cut = self.planned(api)
            api.late_by = requests
            api.fail(api.WRITE, "", api.DONE_LATE)
            result = cut.run("-v", "stage")
            if result.status != 0:
                result = cut.run("-v", "stage", exits=0)
            while any(item[0] > 0 for item in api.overdue):
                api.time_passes()
            self.is_staged()
            cut.run("rollback", exits=0)
            self.is_as_before()
            self.nothing_open(cut)
            return result

    # -- the tests --

    def test_the_story_and_back(self):
        with self.kind(self.lab) as api:
            cut = self.story(api)
            for word in api.credentials.values():
                self.assertNotIn(word, cut.run("-vv", "plan", exits=0).err)

    def test_name_servers_that_follow_later_are_waited_for(self):
        with self.kind(self.lab) as api:
            cut = self.planned(api)
            api.holds = True
            cut.run("stage", exits=0).says("read back")
            cut.run("verify", exits=4).says("ns1.registrar-dns.com", "does not show the new")
            api.let_go()
            until(lambda: not self.behind(cut), PATIENCE, "both name servers to show the change")
            self.is_staged()

    @staticmethod
    def behind(cut):
        """The name servers that do not show the change, as `verify` says. A resolver may hold the old for an hour."""
        return [line for line in cut.run("verify").out.splitlines() if line.startswith("no ") and " ns" in line]

    def test_whatever_became_of_a_write_is_read_and_not_guessed(self):
        self.needs_long()
        for kind in (Api.ERROR_BEFORE, Api.ERROR_AFTER, Api.CUT_AFTER, Api.DONE_LATE):
            with self.subTest(kind=kind):
                self.resolved(kind)

    def test_a_host_that_falls_silent_behind_a_write(self):
        if not (LONG or self.silent):
            self.skipTest("the limit is the same for all: CUTOVER_LONG=1 runs it here too")
        self.falls_silent()

    def test_answers_that_cannot_be_read_change_nothing(self):
        self.needs_long()
        for kind in (Api.ERROR_BEFORE, Api.MALFORMED, Api.SHORT):
            with self.subTest(kind=kind):
                self.refused(fault=kind)

    def test_throttled_busy_and_slow_is_waited_for(self):
        self.needs_long()
        with self.kind(self.lab) as api:
            cut = self.planned(api)
            api.fail(api.WRITE, "", api.THROTTLED)
            api.fail(api.READ, "", api.HTML)
            api.fail(api.READ, "", api.SLOW, skip=1)
            cut.run("stage", exits=0)
            self.assertFalse(api.faults)
            self.is_staged()

    def test_a_foreign_edit_right_before_the_write_is_seen(self):
        with self.kind(self.lab) as api:
            cut = self.planned(api)
            api.fail(api.READ, api.mx_read, api.EDIT_BEFORE, skip=api.mx_reads - 1)
            cut.run("stage", exits=1).says("mx9.somebody-else.example")
            self.assertFalse(api.faults)
            self.assertEqual([FOREIGN_MX], [row["data"] for row in api.of(APEX, "MX")])

    def test_credentials_that_may_only_read(self):
        self.needs_long()
        self.refused("refuses these credentials", read_only=True)

    def turned_away(self):
        """An account that may not use the API: told so at the first request, with what to do next; nothing is written but by
        a sheet. Returns the sheet."""
        with self.kind(self.lab) as api:
            api.close_account()
            cut = api.project()
            cut.run("providers", "--check", exits=1).says(*api.closed_says, "cutover stage --by-hand")
            cut.run("plan", exits=0)
            cut.run("stage", exits=1).says(*api.closed_says, "cutover stage --by-hand")
            sheet = cut.run("stage", "--by-hand", "--no-wait", exits=4)
            self.assertEqual([], api.writes())
            self.assertEqual(self.before, self.lab.zone())
            return sheet.says("by hand: staging")

    def test_an_account_without_api_is_told_the_way_by_hand(self):
        self.turned_away()

    def test_wrong_credentials(self):
        self.needs_long()
        with self.kind(self.lab) as api:
            cut = api.project()
            for name in api.credentials:
                cut.write(f"{name}.key", "wrong")
            cut.run("providers", "--check", exits=1).says("refuses these credentials")
            self.assertEqual([], api.writes())

    def test_killed_and_resumed(self):
        self.needs_long()
        for name in self.points():
            with self.subTest(point=name):
                self.killed_once(name)

    def test_a_switch_and_its_rollback_killed_and_resumed(self):
        if not LONG:
            return self.killed_behind(("plan", "stage"), "apply-acted:1") if self.switches else self.skipTest("CUTOVER_LONG=1")
        for before in (("plan", "stage"), ("plan", "stage", "switch")):
            for point in self.points_behind(before):
                with self.subTest(behind=before[-1], point=point):
                    self.killed_behind(before, point)

    def test_a_selector_that_has_a_key_becomes_an_alias(self):
        """Killed when the old key is gone and the alias is not there yet: finished by the same command, and put back exactly."""
        self.needs_long()
        selector = f"selector1._domainkey.{APEX}"
        old_key = '"v=DKIM1; k=rsa; p=T2xkUHJvdmlkZXI="'
        self.lab.ask(dns.update, f"update add {selector} 3600 TXT {old_key}")
        self.addCleanup(self.lab.ask, dns.update, f"update delete {selector} TXT")
        self.settled()
        with self.kind(self.lab) as api:
            before = self.zone()
            api.per_minute = 600
            cut = api.project()
            open_gates(cut)
            cut.edit("  autodiscover:", f"  dkim: [ {{ selector: selector1, target: selector1.{FOREIGN_MX.split()[1]} }} ]\n  autodiscover:")
            cut.run("plan", exits=0).says(f"- {selector}. 3600 IN TXT", f"+ {selector}. ", "another key stands there until then")
            cut.run("stage", exits=0)
            self.assertEqual([old_key], [row["data"] for row in api.of(selector, "TXT")])
            self.half_way(cut, api, selector)
            cut.run("switch", "--no-wait", exits=0)
            self.assertEqual((0, 1), (len(api.of(selector, "TXT")), len(api.of(selector, "CNAME"))))
            cut.run("rollback", exits=0)
            self.assertEqual([], zone_compare.differences(before, self.zone()))
            self.nothing_open(cut)

    def half_way(self, cut, api, selector):
        """Dies behind the write that removes the key, where that is one of its own: MX and SPF come first, the alias comes last."""
        table = {row["provider"]: row for row in cut.run("providers", "--json", exits=0).json()["providers"]}
        atomic = table[api.provider]["atomic"]
        cut.run("switch", "--no-wait", kill_at="apply-acted:1" if atomic else "apply-outcome:4").was_killed()
        if not atomic:
            self.assertEqual((0, 0), (len(api.of(selector, "TXT")), len(api.of(selector, "CNAME"))))

    def test_a_write_that_lands_late_is_taken_back(self):
        if not LONG:
            self.skipTest("the same code for every vendor: CUTOVER_LONG=1 runs it")
        for requests in range(1, 7):
            with self.subTest(requests=requests):
                self.lands(requests)
