"""A zone of a million records at each vendor's API: a plan and its staging cost what they cost at a small one, or are refused in words.

The vendors' pages are made when they are asked for. The long run takes all vendors; the ordinary one an API that is asked for an
RRset, and one that has no pages. A listing of pages is long here at fewer records; tests/bench/zones takes a million of them.
"""

import json
import os
import re
import subprocess
import unittest

from support import ROOT, binary
from vendors import story
from vendors.api import Api
from vendors.cloudflare import Cloudflare
from vendors.cpanel import CPanel
from vendors.digitalocean import DigitalOcean
from vendors.dynadot import Dynadot
from vendors.gandi import Gandi
from vendors.godaddy import GoDaddy
from vendors.hetzner import Hetzner
from vendors.ionos import Ionos
from vendors.namecheap import Namecheap
from vendors.ovh import Ovh
from vendors.route53 import Route53

MANY, LISTED = 1_000_000, 20_000
LIMIT = 17 << 20  # bytes; more than the 16 MiB that are read of one answer
MIB = 1024  # of what the kernel counts in
MOST_MIB = 64


def peak_of(cut, *words):
    """The highest resident memory of one run, in MiB; and its result."""
    env = cut.environment() | {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1:malloc_context_size=0"}
    with subprocess.Popen([binary(), *words], cwd=cut.dir, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True) as run:
        said = run.stdout.read()
        _, status, usage = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss // MIB, run.returncode, said


class Listed(Cloudflare):
    provider = "listed"


class Million(story.World):
    def cost(self, kind, many, prepare=None):
        """(MiB at most, requests) of plan, stage and rollback."""
        self.put_back()
        with kind(self.lab) as api:
            api.many = many
            cut = api.project()
            if prepare:
                prepare(cut)
            peaks = []
            for word in ("plan", "stage", "rollback"):
                peak, status, said = peak_of(cut, word)
                self.assertEqual(0, status, f"{kind.__name__}: {word}\n{said}")
                peaks.append(peak)
                if word == "stage":
                    self.assertTrue(self.changed(), said)
            self.is_as_before()
            return max(peaks), len(api.log)

    def same(self, kind):
        """As many requests as at a zone of a dozen records, and as much memory but for a little."""
        small, requests = self.cost(kind, 0)
        peak, more = self.cost(kind, MANY)
        self.assertEqual(requests, more, kind.__name__)
        self.small_enough(kind, small, peak)

    def small_enough(self, kind, small, peak, many=MANY):
        """What the sanitizers need of their own is known from the small zone."""
        print(f"{kind.__name__}: {peak} MiB with {many} records, {small} MiB with a dozen")
        self.assertLessEqual(peak, max(MOST_MIB, small + 24), kind.__name__)

    def refused(self, kind):
        """An answer that has no pages and no end is refused before it is held."""
        self.put_back()
        with kind(self.lab) as api:
            cut = api.project()
            small, _, _ = peak_of(cut, "plan")
            api.many = MANY
            # Made before, for cutover waits only so long for a host; and not in memory, for a child begins with its parent's peak.
            api.ready = api.long_answer().prepared(cut.dir / "answer", LIMIT)
            peak, status, said = peak_of(cut, "stage")
            self.assertNotEqual(0, status)
            for words in ("is longer than 16777215 bytes", "what may be incomplete is never planned from", "dns.provider: manual"):
                self.assertIn(words, " ".join(said.split()))
            self.assertLessEqual(len([entry for entry in api.log if entry.status == 200]), 2, "asked again and again")
            self.assertEqual([], api.writes())
            self.small_enough(kind, small, peak)

    @staticmethod
    def listed_only(cut):
        """Cloudflare as an API that has no other way than to list the zone, by a description of one's own."""
        text = json.loads((ROOT / "registrars/providers/cloudflare.json").read_text(encoding="utf-8"))
        del text["read"]
        path = cut.dir / "home/cutover/providers/listed.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(text | {"id": "listed"}), encoding="utf-8")
        for place in (path, path.parent):
            place.chmod(place.stat().st_mode & ~0o022)
        cut.variables = {"XDG_CONFIG_HOME": str(cut.dir / "home"), "XDG_STATE_HOME": str(cut.dir / "state")}
        cut.run("providers", "listed", "--confirm", exits=0)

    def test_an_api_that_is_asked_for_an_rrset_is_not_listed(self):
        for kind in (GoDaddy, Ionos, Cloudflare, DigitalOcean, Hetzner, Gandi, Ovh, Route53) if story.LONG else (GoDaddy,):
            with self.subTest(kind=kind.__name__):
                self.same(kind)

    @unittest.skipUnless(story.LONG, "long")
    def test_an_api_that_can_only_be_listed_is_read_page_by_page(self):
        small, requests = self.cost(Listed, 0, self.listed_only)
        peak, more = self.cost(Listed, LISTED, self.listed_only)
        # staged and put back: as planned? still so? written, read back, each for all RRsets at once
        self.assertEqual(requests + 2 * 3 * LISTED // 1000, more)
        self.small_enough(Listed, small, peak, LISTED)

    def test_what_has_no_pages_is_refused_when_it_is_too_long(self):
        for kind in (Namecheap, CPanel, Dynadot) if story.LONG else (Dynadot,):
            with self.subTest(kind=kind.__name__):
                self.refused(kind)


if __name__ == "__main__":
    unittest.main()
