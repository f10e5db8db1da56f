"""cPanel and Namecheap: a zone file's lines under a serial, and a whole domain in one write."""

import unittest

import zone_compare
from vendors import story
from vendors.api import APEX, FOREIGN_MX, Api
from vendors.cpanel import CPanel
from vendors.namecheap import Namecheap
from support import Lab


class CPanelStory(story.Story):
    kind = CPanel

    def story(self, api):
        """No call is too many: the zone is read before each write and after it, and the serial does the rest."""
        cut = super().story(api)
        read, write = "parse_zone", "mass_edit_zone"
        self.assertEqual([read, read, write, read, read, write, read],
                         [entry.path.split("?")[0].split("/")[-1] for entry in api.log])
        return cut

    def test_name_servers_that_follow_later_are_waited_for(self):
        self.needs_long()
        super().test_name_servers_that_follow_later_are_waited_for()

    def test_an_edit_beside_the_plan_moves_the_serial_and_the_change_is_made_all_the_same(self):
        with CPanel(self.lab) as api:
            cut = self.planned(api)
            api.somebody_edits = lambda: setattr(api, "serial", api.serial + 5)
            api.fail(api.WRITE, "", api.EDIT_BEFORE)
            cut.run("stage", exits=0).says("read back")
            self.is_staged()

    def test_an_edit_of_the_plan_is_refused_by_the_serial(self):
        with CPanel(self.lab) as api:
            cut = self.planned(api)
            api.fail(api.WRITE, "", api.EDIT_BEFORE)
            cut.run("stage", exits=1).says("mx9.somebody-else.example")
            self.assertEqual([FOREIGN_MX], [row["data"] for row in api.of(APEX, "MX")])

    def test_somebody_who_edits_all_the_time_is_told(self):
        self.refused("its serial moved twice", moves_at_every_edit=True)

    def test_a_cut_write_is_read_and_not_sent_again(self):
        self.resolved(Api.CUT_AFTER)

    def test_credentials_that_may_only_read(self):
        self.refused("zoneedit", read_only=True)

    def test_a_wrong_token_and_a_wrong_port(self):
        with CPanel(self.lab) as api:
            cut = api.project()
            cut.write("token.key", "wrong")
            cut.run("providers", "--check", exits=1).says("refuses these credentials", "Manage API Tokens")
            api.malformed = ("text/html", b"<html>webmail</html>")
            api.fail(api.READ, "", api.MALFORMED)
            cut.run("providers", "--check", exits=1).says("a page came instead of an answer", "2083")

    def test_answers_that_cannot_be_read_change_nothing(self):
        for kind in (Api.MALFORMED, Api.SHORT) if story.LONG else (Api.MALFORMED,):
            with self.subTest(kind=kind):
                self.refused(fault=kind)


class NamecheapStory(story.Story):
    kind = Namecheap
    whole = True
    switches = True

    @classmethod
    def setUpClass(cls):
        """No TTL is over 60000 s there."""
        cls.lab = Lab.up(mx_ttl=43200, txt_ttl=3600, mail="none", servers="dns")
        cls.addClassCleanup(cls.lab.down)
        cls.before = cls.lab.zone()

    def story(self, api):
        """No call is too many: whose domain is it, as planned, the same still, written, all of it read back."""
        cut = super().story(api)
        find, read, write = "domains.getList", "domains.dns.getHosts", "domains.dns.setHosts"
        self.assertEqual([find, read] + [find, read, read, write, read] * 2, api.commands)
        return cut

    def points(self):
        """All of them, for the whole domain is at stake each time."""
        with Namecheap(self.lab) as api:
            return [name for name in self.planned(api).points("stage") if story.LONG or name.startswith("apply-")]

    def test_a_service_of_namecheap_is_given_up_and_put_back(self):
        with Namecheap(self.lab) as api:
            api.use_service("OX")
            api.per_minute = 60  # five commands follow each other without a pause
            self.settled()
            before = self.lab.zone()
            api.project().run("providers", "--check", exits=1).says("Private Email", "mail_setting: OX")
            api.options += "  mail_setting: OX\n"
            cut = api.project()
            story.open_gates(cut)
            for step, mail in (("plan", "OX"), ("stage", "OX"), ("switch", "MX"), ("rollback", "OX")):
                cut.run(step, exits=0)
                self.assertEqual(mail, api.mail, step)
                if step == "switch":
                    self.settled()
                    self.assertIn("protection.outlook.com", str(api.of(APEX, "MX")))
            self.assertEqual([], zone_compare.differences(before, self.lab.zone()))

    def test_name_servers_that_follow_later_are_waited_for(self):
        if not story.LONG:
            self.skipTest("flow waits, whoever the vendor is")
        super().test_name_servers_that_follow_later_are_waited_for()

    def test_throttled_busy_and_slow_is_waited_for(self):
        if not story.LONG:
            self.skipTest("it waits ten seconds, and the dialogues of tests/replay do not")
        super().test_throttled_busy_and_slow_is_waited_for()

    def test_answers_that_cannot_be_read_change_nothing(self):
        for kind in (Api.ERROR_BEFORE, Api.MALFORMED, Api.SHORT) if story.LONG else (Api.SHORT,):
            with self.subTest(kind=kind):
                self.refused(fault=kind)

    def test_a_listing_that_was_cut_is_never_written_from(self):
        """It is whole XML, without the last row."""
        with Namecheap(self.lab) as api:
            cut = self.planned(api)
            api.cuts = 1
            cut.run("stage", exits=1).says("is not what it was a moment ago", "nothing was written")
            self.assertEqual([], api.writes())

    def test_a_row_that_a_write_loses_is_told_although_the_plan_was_carried_out(self):
        with Namecheap(self.lab) as api:
            cut = self.planned(api)
            api.loses = (f"shop.{APEX}", "CNAME")
            cut.run("stage", exits=3).says("shop CNAME www.treyresearch.com.", "enter it again in the panel")

    def test_wrong_credentials(self):
        """The key, the address, and a domain that is served elsewhere."""
        with Namecheap(self.lab) as api:
            cut = api.project()
            api.ours = False
            cut.run("providers", "--check", exits=1).says("does not use Namecheap's own name servers")
            api.allowed = ()
            cut.run("providers", "--check", exits=1).says("does not take requests from this address", "Whitelisted IPs")
            cut.write("key.key", "wrong")
            cut.run("providers", "--check", exits=1).says("refuses these credentials", "20 domains")
            self.assertEqual([], api.writes())

    def test_credentials_that_may_only_read(self):
        self.refused("does not let this user edit the domain", read_only=True)


if __name__ == "__main__":
    unittest.main()
