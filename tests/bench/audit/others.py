"""zonemaster-cli and dnsviz in the closed world: how they are started, and what they say in our words.

SAYS maps what they report to our checks, generously: a tag counts as having found whatever a person could have
read from it. What is not in the table they have no word for.
"""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

# dnsviz 0.9.4 asks pygraphviz for `release`, which the one beside it in Debian 12 has no more, and then says that it
# is not installed. So it is given to it, by Python's own hook for that.
SHIM = """\
import types

import pygraphviz

pygraphviz.release = getattr(pygraphviz, "release", types.SimpleNamespace(version=pygraphviz.__version__))
"""

ZONEMASTER = {
    "delegation-missing": {"NO_PARENT", "NS_FAILED", "NO_GLUE_PREVENTS_NAMESERVER_TESTS", "CHILD_ZONE_LAME"},
    "delegation-broken": {"CHILD_ZONE_LAME", "NS_FAILED", "NS_NO_RESPONSE", "CHILD_NS_FAILED", "NO_RESPONSE"},
    "ns-lame": {"CN01_UNEXPECTED_RCODE_SOA_QUERY_UDP", "CN01_SOA_RECORD_NOT_AA_UDP", "CN01_MISSING_SOA_RECORD_UDP",
                "IS_NOT_AUTHORITATIVE", "UPWARD_REFERRAL", "NS_ERROR"},
    "ns-unreachable": {"CN01_NO_RESPONSE_UDP", "NS_NO_RESPONSE"},
    "ns-no-tcp": {"CN02_NO_RESPONSE_TCP", "CN02_NO_RESPONSE_SOA_QUERY_TCP"},
    "ns-truncation-no-tcp": set(),
    "ns-edns-broken": {"BREAKS_ON_EDNS", "NO_EDNS_SUPPORT", "EDNS_RESPONSE_WITHOUT_EDNS", "N11_NO_EDNS",
                       "N11_NO_RESPONSE", "N10_NO_RESPONSE_EDNS1_QUERY"},
    "ns-parent-child-mismatch": {"EXTRA_NAME_CHILD", "EXTRA_NAME_PARENT", "TOTAL_NAME_MISMATCH"},
    "ns-single": {"NOT_ENOUGH_NS_DEL", "NOT_ENOUGH_NS_CHILD", "NOT_ENOUGH_IPV4_NS_DEL", "NOT_ENOUGH_IPV4_NS_CHILD"},
    "ns-name-unresolvable": {"CAN_NOT_BE_RESOLVED", "NO_RESOLUTION"},
    "ns-is-cname": {"NS_IS_CNAME"},
    "ns-glue-mismatch": {"IN_BAILIWICK_ADDR_MISMATCH", "OUT_OF_BAILIWICK_ADDR_MISMATCH", "EXTRA_ADDRESS_CHILD"},
    "ns-same-subnet": {"IPV4_SAME_ASN", "IPV4_ONE_ASN"},
    "ns-recursive": {"IS_A_RECURSOR"},
    "ns-axfr-open": {"AXFR_AVAILABLE"},
    "ns-case-mangling": {"QNAME_CASE_INSENSITIVE", "CASE_QUERIES_RESULTS_DIFFER"},
    "ns-wrong-source": {"DIFFERENT_SOURCE_IP"},
    "soa-serial-mismatch": {"MULTIPLE_SOA_SERIALS", "SOA_SERIAL_VARIATION"},
    "rrset-mismatch": {"Z09_INCONSISTENT_MX", "Z09_INCONSISTENT_MX_DATA"},
    "soa-timers": {"EXPIRE_LOWER_THAN_REFRESH", "REFRESH_LOWER_THAN_RETRY", "EXPIRE_MINIMUM_VALUE_LOWER",
                   "REFRESH_MINIMUM_VALUE_LOWER", "RETRY_MINIMUM_VALUE_LOWER"},
    "soa-negative-ttl-high": {"SOA_DEFAULT_TTL_MAXIMUM_VALUE_HIGHER"},
    "dnssec-bogus": {"DS08_RRSIG_NOT_VALID_BY_DNSKEY", "DS09_RRSIG_NOT_VALID_BY_DNSKEY", "DS09_SOA_RRSIG_NOT_YET_VALID",
                     "DS08_DNSKEY_RRSIG_NOT_YET_VALID", "DS10_ANSWER_VERIFY_ERROR", "DS02_RRSIG_NOT_VALID_BY_DNSKEY"},
    "dnssec-rrsig-expired": {"RRSIG_EXPIRED", "DS08_DNSKEY_RRSIG_EXPIRED", "DS09_SOA_RRSIG_EXPIRED"},
    "dnssec-rrsig-expiring": {"REMAINING_SHORT"},
    "dnssec-ds-orphan": {"DS_BUT_NOT_DNSKEY", "DS11_DS_BUT_UNSIGNED_ZONE"},
    "dnssec-ds-mismatch": {"DS02_NO_DNSKEY_FOR_DS", "DS02_NO_MATCH_DS_DNSKEY", "DS02_NO_VALID_DNSKEY_FOR_ANY_DS"},
    "dnssec-island": {"DNSKEY_BUT_NOT_DS"},
    "dnssec-algorithm": {"ALGORITHM_DEPRECATED", "ALGORITHM_NOT_RECOMMENDED"},
    "dnssec-unsigned": {"NOT_SIGNED", "NEITHER_DNSKEY_NOR_DS"},
    "mx-missing": {"Z09_MISSING_MAIL_TARGET", "Z09_NO_MX_FOUND"},
    "mx-null-mixed": {"Z09_NULL_MX_WITH_OTHER_MX"},
    "mx-target-cname": {"MX_RECORD_IS_CNAME"},
    "mx-target-ip": {"MX_NUMERIC_TLD"},
}

DNSVIZ = {
    "delegation-missing": {"NO_NS_IN_PARENT", "ERROR_RESOLVING_NS_NAME"},
    "delegation-broken": {"SERVER_UNRESPONSIVE_UDP", "SERVER_INVALID_RESPONSE_UDP", "SERVER_NOT_AUTHORITATIVE"},
    "ns-lame": {"SERVER_NOT_AUTHORITATIVE", "SERVER_INVALID_RESPONSE_UDP", "UPWARD_REFERRAL", "NOT_AUTHORITATVE",
                "INVALID_RCODE", "AUTHORITATIVE_REFERRAL"},
    "ns-unreachable": {"SERVER_UNRESPONSIVE_UDP", "TIMEOUT", "NETWORK_ERROR"},
    "ns-no-tcp": {"SERVER_UNRESPONSIVE_TCP"},
    "ns-truncation-no-tcp": {"SERVER_UNRESPONSIVE_TCP"},
    "ns-edns-broken": {"ERROR_WITH_EDNS", "EDNS_IGNORED", "EDNS_SUPPORT_NO_OPT", "ERROR_WITH_REQUEST_FLAG"},
    "ns-parent-child-mismatch": {"NS_NAME_NOT_IN_CHILD", "NS_NAME_NOT_IN_PARENT"},
    "ns-name-unresolvable": {"NO_ADDRESS_FOR_NS_NAME", "ERROR_RESOLVING_NS_NAME"},
    "ns-glue-mismatch": {"GLUE_MISMATCH", "EXTRA_GLUE_IPV4", "MISSING_GLUE_IPV4"},
    "ns-case-mangling": {"CASE_NOT_PRESERVED"},
    "ent-nxdomain": {"INCONSISTENT_NXDOMAIN_ANCESTOR"},
    "negative-without-soa": {"MISSING_SOA_FOR_NODATA", "MISSING_SOA_FOR_NXDOMAIN"},
    "mx-ttl-differs": {"RRSET_TTL_MISMATCH"},
    "dnssec-bogus": {"SIGNATURE_INVALID", "INCEPTION_IN_FUTURE"},
    "dnssec-rrsig-expired": {"EXPIRATION_IN_PAST"},
    "dnssec-rrsig-expiring": {"TTL_BEYOND_EXPIRATION", "EXPIRATION_WITHIN_CLOCK_SKEW"},
    "dnssec-ds-orphan": {"NO_SEP", "MISSING_SEP_FOR_ALG"},
    "dnssec-ds-mismatch": {"NO_SEP", "MISSING_SEP_FOR_ALG", "DIGEST_INVALID"},
    "dnssec-rrset-unsigned": {"MISSING_RRSIG"},
    "dnssec-algorithm": {"ALGORITHM_NOT_RECOMMENDED", "ALGORITHM_PROHIBITED", "ALGORITHM_VALIDATION_PROHIBITED"},
    "apex-cname": {"CNAME_WITH_OTHER_DATA"},
}


class Tool:
    """run() gives (seconds, set of checks that it found in its words)."""

    says = {}

    def __init__(self, world, limit_s):
        self.world, self.limit_s = world, limit_s

    def found(self, words):
        return {check for check, known in self.says.items() if known & words}

    def run(self, case):
        began = time.monotonic()
        try:
            words = self.words(case)
        except subprocess.TimeoutExpired:
            words = set()
        return time.monotonic() - began, self.found(words)


class Zonemaster(Tool):
    name, says = "zonemaster", ZONEMASTER

    def words(self, case):
        done = subprocess.run(["zonemaster-cli", "--hints", str(self.world.path("root.hints")), "--no-ipv6", "--json",
                               "--level", "INFO", "--no-progress", case.domain], capture_output=True, text=True,
                              timeout=self.limit_s, check=False)
        try:
            return {row["tag"] for row in json.loads(done.stdout)}
        except ValueError:
            return set()


class Dnsviz(Tool):
    name, says = "dnsviz", DNSVIZ

    def words(self, case):
        with tempfile.TemporaryDirectory(dir=self.world.path("run")) as directory:
            shim, probed = Path(directory, "sitecustomize.py"), Path(directory, "probe.json")
            shim.write_text(SHIM)
            subprocess.run(["dnsviz", "probe", "-4", "-A", "-a", ".", "-x", f".:a.root-servers.net={self.world.address('root')}",
                            "-R", "SOA,NS,A,MX,TXT,DNSKEY", "-o", str(probed), case.domain], capture_output=True,
                           timeout=self.limit_s, check=False)
            for anchor in (["-t", str(self.world.path("root.key"))], []):  # with one it stumbles over some unsigned zones
                done = subprocess.run(["dnsviz", "grok", "-l", "warning", *anchor, "-r", str(probed)], capture_output=True,
                                      text=True, timeout=self.limit_s, check=False,
                                      env=os.environ | {"PYTHONPATH": directory})
                if done.returncode == 0:
                    break
        try:
            return set(codes(json.loads(done.stdout)))
        except ValueError:
            return set()


def codes(node):
    """Every "code" of the document, wherever it stands; the zones above the domain have none in a healthy world."""
    if isinstance(node, dict):
        if isinstance(node.get("code"), str):
            yield node["code"]
        for value in node.values():
            yield from codes(value)
    elif isinstance(node, list):
        for value in node:
            yield from codes(value)


class Cutover(Tool):
    name = "cutover"

    def __init__(self, world, limit_s, program):
        super().__init__(world, limit_s)
        self.program = program

    def words(self, case):
        directory = self.world.path("project", case.name)
        if "before" in case.head:
            subprocess.run([self.program, *case.head["before"].split()], cwd=directory, capture_output=True,
                           timeout=self.limit_s, check=False)
            self.world.path("flags", case.name).touch()
        done = subprocess.run([self.program, "audit", "--json", "--phase", case.phase], cwd=directory, text=True,
                              capture_output=True, timeout=self.limit_s, check=False)
        try:
            return {row["check"] for row in json.loads(done.stdout)["findings"]}
        except (ValueError, KeyError):
            return set()

    def found(self, words):
        return words
