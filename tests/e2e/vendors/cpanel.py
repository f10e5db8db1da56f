"""A cPanel server with UAPI."""

import base64
import itertools
import json
import re
import urllib.parse

from .api import APEX, Api, Refused, joined, need, quoted, stream_json

USER, TOKEN = "treyrese", "U7HMR63FHY282DQZ4H5BIH16JLYSO01M"
LOGIN = "<!DOCTYPE html>\n<html><head><title>cPanel Login</title></head></html>"
FIRST = 9  # the line behind the SOA, which takes seven


def no(*words):
    """UAPI says no in HTTP 200."""
    return Refused(200, words=list(words))


def text64(text):
    return base64.b64encode(text.encode()).decode()


class CPanel(Api):
    """The lines of a zone file in base64, and all edits in one request that names the serial (PROVIDERS.md 13–20)."""

    host, provider = "cpanel.hosting.example", "cpanel"
    credentials = {"token": TOKEN}
    options = f"  base_url: https://{host}/\n  user: {USER}\n"
    mx_read = "parse_zone"
    mx_reads = 1  # the serial looks again
    malformed = ("application/json", b'{"status":1,"errors":null,"data":[{"line_index":0,"ty')
    refuses_writes = (200, {"words": ["You do not have the feature “zoneedit”."]})
    closed_to = refuses_writes
    closed_says = ("does not let this account edit zones", "ask the host")
    serial = 2026112201
    moves_at_every_edit = False  # as if somebody else edited beside us all the time

    def __init__(self, lab, octet=30):
        super().__init__(lab, octet)
        self.taken_writes = []

    def writes(self):
        """Those that were carried out: a refusal has HTTP 200 too."""
        return self.taken_writes

    # -- the wire --

    def decode(self, text, headers):
        if not text:
            return None
        need(headers.get("Content-Type") == "application/x-www-form-urlencoded", 415, message="a form is needed")
        return urllib.parse.parse_qsl(text.decode(), keep_blank_values=True, strict_parsing=True)

    def encode(self, answer):
        if isinstance(answer, str):
            return "text/html; charset=utf-8", answer.encode()
        if "words" in answer:
            answer = {"status": 0, "errors": answer["words"], "messages": None, "warnings": None, "metadata": {}, "data": None}
        return super().encode(answer)

    def request(self, method, path, query, body, headers):
        if headers.get("Authorization") != f"cpanel {USER}:{TOKEN}":
            return 401, LOGIN, ()
        if (method, path) == ("GET", "/execute/DNS/parse_zone"):
            self.owned(query.pop("zone", ""))
            need(not query, 200, words=[f"unknown: {query}"])
            return 200, self.whole(), ()
        if (method, path) == ("POST", "/execute/DNS/mass_edit_zone"):
            return 200, self.done({"new_serial": str(self.edit(body))}), ()
        return 404, "<html>no such function</html>", ()

    @staticmethod
    def done(data):
        return {"status": 1, "errors": None, "messages": None, "warnings": None, "metadata": {}, "data": data}

    @staticmethod
    def owned(zone):
        if zone != APEX:
            raise no(f"You do not control a DNS zone named “{zone}”.")

    # -- the zone file --

    def whole(self):
        if not self.many:
            return self.done(self.lines())
        more = (self.line(FIRST + len(self.rows) + i, row["owner"], "A", row["ttl"], [row["data"]])
                for i, row in enumerate(map(self.extra, range(self.many))))
        return stream_json(self.done(["@@"]), itertools.chain(self.lines(), more))

    long_answer = whole

    def lines(self):
        head = [{"type": "comment", "line_index": 0, "text_b64": text64("; cPanel first:110.0.0 (update_time):1763800000")},
                {"type": "control", "line_index": 1, "text_b64": text64("$TTL 14400")},
                self.line(2, APEX, "SOA", 86400, ["ns1.registrar-dns.com.", "root.hosting.example.", str(self.serial), "3600", "1800",
                                                  "1209600", "86400"])]
        return head + [self.line(FIRST + i, row["owner"], row["type"], row["ttl"], self.words(row)) for i, row in enumerate(self.rows)]

    @staticmethod
    def line(index, owner, rrtype, ttl, words):
        """Names as people wrote them: the domain itself and half of the others absolute, the rest relative."""
        name = f"{owner}." if owner == APEX or index % 2 else owner[:-len(APEX) - 1]
        return {"type": "record", "line_index": index, "dname_b64": text64(name), "ttl": ttl if index % 2 else str(ttl),
                "record_type": rrtype, "data_b64": [text64(word) for word in words]}

    @staticmethod
    def words(row):
        if row["type"] == "TXT":
            return [joined(part) for part in re.findall(r'"(?:[^"\\]|\\.)*"', row["data"])]
        words = row["data"].split()
        return words[:2] + [joined(words[2])] if row["type"] == "CAA" else words

    # -- edits --

    def edit(self, pairs):
        values = [(name, value) for name, value in pairs if name in ("add", "edit", "remove")]
        rest = dict(pair for pair in pairs if pair not in values)
        self.owned(rest.pop("zone", ""))
        if self.moves_at_every_edit:
            self.serial += 1
        if rest.pop("serial", "") != str(self.serial) or rest:
            raise no(f"The given serial number does not match the DNS zone’s serial number ({self.serial}).")
        rows, touched = list(self.rows), []
        for name, value in values:
            self.one(rows, touched, name, value)
        self.rows = [row for row in rows if row is not None]
        self.serial += 1
        self.taken_writes.append(("POST", "/execute/DNS/mass_edit_zone"))
        self.publish(*touched)
        return self.serial

    def one(self, rows, touched, name, value):
        item = {"line_index": int(value)} if name == "remove" else json.loads(value)
        if name != "add":
            index = item.pop("line_index") - FIRST
            if not 0 <= index < len(rows) or rows[index] is None:
                raise no(f"Line {index + FIRST} is no record.")
            touched.append((rows[index]["owner"], rows[index]["type"]))
            rows[index] = None
        if name == "remove":
            return
        row = self.taken(item)
        touched.append((row["owner"], row["type"]))
        if name == "edit":
            rows[index] = row
        else:
            rows.append(row)

    @staticmethod
    def taken(item):
        if set(item) != {"dname", "ttl", "record_type", "data"} or not isinstance(item["ttl"], int) or item["ttl"] < 1:
            raise no(f"This is no record: {item}")
        owner, words, rrtype = item["dname"].rstrip("."), list(item["data"]), item["record_type"]
        if not item["dname"].endswith("."):
            owner = f"{owner}.{APEX}"
        if not words or any(not isinstance(word, str) or len(word.encode()) > 255 for word in words):
            raise no("Each string has 255 bytes at most.")
        if rrtype in ("MX", "CNAME", "NS", "SRV") and not words[-1].endswith("."):
            words[-1] += f".{APEX}."
        if rrtype == "CAA":
            words[2] = quoted(words[2])
        data = " ".join(quoted(word) for word in words) if rrtype == "TXT" else " ".join(words)
        return {"id": 0, "owner": owner, "type": rrtype, "ttl": item["ttl"], "data": data}

    def somebody_edits(self):
        super().somebody_edits()
        self.serial += 1
