"""DigitalOcean: records with ids, pages by an address."""

import unittest

import zone_compare
from vendors import story
from vendors.api import APEX
from vendors.digitalocean import DigitalOcean
from vendors.proxy import Proxy

from labkit import dns


class DigitalOceanStory(story.Story):
    kind = DigitalOcean
    whole = True
    silent = True

    def test_a_next_page_elsewhere_is_not_asked_for(self):
        with DigitalOcean(self.lab) as api:
            api.next_host = "api.digitalocean.com.example.net"
            cut = api.project()
            cut.run("providers", "--check", exits=1).says("is none of the provider's addresses")

    def test_a_set_that_was_left_half_done_is_finished_or_put_back(self):
        """Two MX, so each change is several requests; one of them fails. Neither half is taken for the whole, nor for somebody's edit."""
        second = f"update add {APEX}. 86400 MX 20 mx2.nwtraders.com."
        self.lab.ask(dns.update, second)
        self.addCleanup(self.lab.ask, dns.update, f"update delete {APEX}. MX 20 mx2.nwtraders.com.")
        self.settled()
        before = self.zone()
        with DigitalOcean(self.lab) as api:
            cut = self.without_gates(api, "plan")

            def fails_once(step, method, skip, half):
                api.fail(method, "/records", api.ERROR_BEFORE, skip)
                self.settled()
                self.assertNotEqual(0, cut.run(step).status)
                self.assertFalse(api.faults)
                self.assertEqual(half, sorted((row["ttl"], row["data"]) for row in api.of(APEX, "MX")))
            fails_once("stage", "PUT", 1, [(300, "10 mx1.nwtraders.com."), (86400, "20 mx2.nwtraders.com.")])
            cut.run("stage", exits=0)
            self.assertEqual([300, 300], [row["ttl"] for row in api.of(APEX, "MX")])
            fails_once("switch", "DELETE", 0, [(300, "20 mx2.nwtraders.com."), (3600, "0 treyresearch-com.mail.protection.outlook.com.")])
            self.settled()
            cut.run("switch", exits=0)
            fails_once("rollback", "POST", 0, [(300, "10 mx1.nwtraders.com.")])
            cut.run("rollback", exits=0)
            self.assertEqual([], zone_compare.differences(before, self.zone()))
            self.nothing_open(cut)

    def test_what_only_a_wildcard_serves_stops_the_plan(self):
        """With what to enter first; done so, it is planned as any other record."""
        clients = f"autodiscover.{APEX}"
        self.lab.ask(dns.update, f"update delete {clients} CNAME\nupdate add *.{APEX}. 300 CNAME www.nwtraders.com.")
        self.addCleanup(self.lab.ask, dns.update, f"update delete *.{APEX}. CNAME")
        self.settled()
        with DigitalOcean(self.lab) as api:
            cut = api.project()
            cut.run("plan", exits=1).says(f"planning {clients} CNAME", "comes from a wildcard record", "www.nwtraders.com. (TTL 300)")
            self.assertEqual([], api.writes())
            api.replace(clients, "CNAME", [(300, "www.nwtraders.com.")])
            cut.run("plan", exits=0).says(f"- {clients}. 300 IN CNAME www.nwtraders.com.")

    def test_pages_without_end_are_given_up(self):
        """Each tells of another one, and has the same records."""
        self.refused("may be cut: a page has the same records as one before it", endless=True)

    def test_a_proxy_of_the_environment_is_used(self):
        """The API's name is not in any DNS here: the proxy alone knows where it is."""
        with DigitalOcean(self.lab) as api, Proxy(api.address, {api.host: api.address}) as proxy:
            cut = api.project()
            cut.edit(f" {api.host}: {api.address},", "")
            cut.variables["https_proxy"] = proxy.url
            cut.run("providers", "--check", exits=0).says("the credentials work")
            self.assertEqual({f"CONNECT {api.host}:443"}, set(proxy.asked))


if __name__ == "__main__":
    unittest.main()
