"""Dynadot's RESTful API, version 2."""

import base64
import hashlib
import hmac
import itertools
import re
import time

from .api import APEX, Api, Refused, absolute, joined, need, only, quoted, relative, stream_json

KEY, SECRET = "9R8q5Y7n6T5L4k3J2h1G", "vA3c9xKq2mP7sW4z"
BASE = "/restful/v2/domains"
SAID = {200: "Success", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 409: "Conflict", 429: "Too many requests"}
FOREIGN_TXT = '"v=spf1 include:somebody-else.example -all"'
MAIN_MAX, SUB_MAX = 20, 100
ONLY_SUB, ONLY_MAIN = ("SRV", "NS"), ("ANAME",)
TYPES = ("A", "AAAA", "CNAME", "TXT", "MX", "CAA", "FORWARD", "STEALTH", "EMAIL") + ONLY_SUB + ONLY_MAIN


def no(code, words, status=None):
    """Dynadot repeats the code in the answer, and often says no in HTTP 200."""
    return Refused(status or code, code=code, message=SAID[code], error={"description": words})


class Dynadot(Api):
    """Rows without ids in two lists, one TTL for all, each request signed; a POST replaces everything unless it is told to add;
    a row is removed by its own words (PROVIDERS.md 20)."""

    host, provider = "api.dynadot.com", "dynadot"
    credentials = {"key": KEY, "secret": SECRET}
    refuses_writes = (200, {"code": 401, "message": "Unauthorized", "error": {"description": "this key may only read"}})
    closed_to = (200, {"code": 400, "message": "Bad Request",
                       "error": {"description": "This API is only available for specific accounts"}})
    throttles = (429, {"code": 429, "message": "Too many requests", "error": {"description": "Too many requests. Rate limit exceeded. Please try again after 60 seconds."}}, [("Retry-After", "1")])
    ttl = 3600
    glue_type = "DNS"
    per_minute = 60
    sub_name = "dns_sub_list"  # how it calls the list of names below the apex in a write; the other name is passed over
    removes = True  # else it says 200 and has not found the row

    def __init__(self, lab, octet=30):
        super().__init__(lab, octet)
        self.calls, self.request_ids, self.taken_writes = [], set(), []
        self.own_rows = [("old", "FORWARD", f"https://www.{APEX}/?from=old", "301"), ("", "EMAIL", "sales", "someone@example.com")]

    def somebody_edits(self):
        """Beside the token, for all that `stage` writes here is that."""
        self.replace(APEX, "TXT", [(self.ttl, FOREIGN_TXT)])

    def request(self, method, path, query, body, headers):
        self.check_signature(headers)
        self.calls = [at for at in self.calls if time.monotonic() - at < 60] + [time.monotonic()]
        if len(self.calls) > self.per_minute:
            return self.throttles
        only(query, **no(400, "unknown parameter").body)
        found = re.fullmatch(rf"{BASE}/([a-z0-9.-]+)/records", path)
        if not found:
            raise no(404, "no such command")
        if found[1] != APEX:
            raise no(404, "Can not find the domain in the account.", 200)
        if method == "GET":
            return 200, self.whole(), ()
        need(method in ("POST", "DELETE"), 404, **no(404, "no such command").body)
        if self.glue_type != "DNS":
            raise no(409, "the domain does not use Dynadot DNS")
        reply = self.set_dns(body) if method == "POST" else self.remove_dns(body)
        self.taken_writes.append((method, path))
        return 200, reply, ()

    def writes(self):
        """Those that were carried out: a refusal is HTTP 200 too."""
        return self.taken_writes

    @staticmethod
    def said(data=None):
        return {"code": 200, "message": "Success"} | ({"data": data} if data is not None else {})

    def check_signature(self, headers):
        """Over key, address, the request's own id and body; an id is good once."""
        if not headers.get("Authorization"):
            raise no(400, "The Authorization header not entered", 200)
        if headers["Authorization"] != f"Bearer {KEY}":
            raise no(401, "the API key is wrong")
        target, sent = self.raw
        number = headers.get("X-Request-Id", "")
        plain = f"{KEY}\n{target}\n{number}\n".encode() + sent
        want = base64.b64encode(hmac.new(SECRET.encode(), plain, hashlib.sha256).digest()).decode()
        if headers.get("X-Signature") != want:
            raise no(400, "This command requires X-Signature", 200)
        if not re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", number) or number in self.request_ids:
            raise no(400, "the request id is not a new UUID")
        self.request_ids.add(number)

    # -- the rows --

    def ours(self, row):
        """Its name servers' own NS records are no rows."""
        return (row["owner"], row["type"]) != (APEX, "NS")

    @staticmethod
    def shown(row):
        data, second = row["data"], ""
        if row["type"] == "MX":
            second, data = data.split()
        value = joined(data) if row["type"] == "TXT" else data.rstrip(".") if row["type"] in ("MX", "CNAME", "NS") else data
        name = {} if row["owner"] == APEX else {"sub_host": relative(row["owner"])}
        return name | {"record_type": row["type"].lower(), "record_value1": value, "record_value2": second}

    def glue(self):
        if self.glue_type != "DNS":
            return {"glue_type": self.glue_type}
        rows = [self.shown(row) for row in self.rows if self.ours(row)]
        rows += [({"sub_host": name} if name else {}) | {"record_type": kind.lower(), "record_value1": value, "record_value2": second}
                 for name, kind, value, second in self.own_rows]
        lists = {"dns_main_list": [row for row in rows if "sub_host" not in row], "dns_sub_list": [row for row in rows if "sub_host" in row]}
        return {"glue_type": "DNS", "ttl": str(self.ttl)} | {name: rows for name, rows in lists.items() if rows}

    def whole(self):
        """What GET answers; the many are below the apex."""
        glue = self.glue()
        if not self.many or self.glue_type != "DNS":
            return self.said({"glue_info": glue})
        rows = itertools.chain(glue["dns_sub_list"], map(self.shown, map(self.extra, range(self.many))))
        return stream_json(self.said({"glue_info": glue | {"dns_sub_list": ["@@"]}}), rows)

    long_answer = whole

    def given(self, body):
        """The rows of a write: (row as it was sent, owner, type, data)."""
        rows = []
        for name in ("dns_main_list", self.sub_name):
            for row in (body or {}).get(name, []):
                rows.append(self.taken(row, name == "dns_main_list"))
        return rows

    def taken(self, row, main):
        only(row, "record_type", "record_value1", "record_value2", *(() if main else ("sub_host",)), **no(400, "unknown member").body)
        kind, value, second = (str(row.get(name, "")) for name in ("record_type", "record_value1", "record_value2"))
        kind = kind.upper()
        if kind not in TYPES or kind in (ONLY_SUB if main else ONLY_MAIN) or not value or (not main and not row.get("sub_host")):
            raise no(400, f"The value for parameter record_type is invalid: {row}")
        data = value
        if kind == "MX":
            if not second.isdigit():
                raise no(400, "an MX needs its distance")
            data = f"{second} {value.rstrip('.')}."
        elif kind in ("CNAME", "NS"):
            data = value.rstrip(".") + "."
        elif kind == "TXT":
            data = quoted(value)
        return row, absolute("@" if main else row["sub_host"]), kind, data

    # -- the writes --

    def set_dns(self, body):
        only(body, "dns_main_list", "dns_sub_list", "sub_list", "ttl", "add_dns_to_current_setting", **no(400, "unknown member").body)
        rows = self.given(body)
        before = list(self.rows)
        if body.get("add_dns_to_current_setting") is not True:
            self.rows, self.own_rows = [row for row in self.rows if not self.ours(row)], []
        self.check_conflicts(rows)
        for _, owner, kind, data in rows:
            self.add(owner, kind, self.ttl, data)
        self.set_ttl(int(body.get("ttl", 86400)))
        self.published(before)
        return self.said()

    def set_ttl(self, ttl):
        """Of the whole zone; who leaves it out gets the usual one."""
        self.ttl = ttl
        for row in self.rows:
            if self.ours(row):
                row["ttl"] = ttl

    def check_conflicts(self, rows):
        for _, owner, kind, data in rows:
            there = [row for row in self.rows if row["owner"] == owner]
            if any((row["type"], row["data"]) == (kind, data) for row in there):
                raise no(409, "The record exists already.")
            if there and "CNAME" in {kind} | {row["type"] for row in there}:
                raise no(409, "A CNAME cannot stand beside other records.")
        owners = [row["owner"] for row in self.rows] + [owner for _, owner, _, _ in rows] + [absolute(name) for name, *_ in self.own_rows]
        if owners.count(APEX) > MAIN_MAX or len(owners) - owners.count(APEX) > SUB_MAX:
            raise no(429, "The Dns Settings reached the upper limit.")

    def remove_dns(self, body):
        """Only what is the same word for word."""
        only(body, "dns_main_list", "dns_sub_list", "sub_list", **no(400, "unknown member").body)
        before, counts = list(self.rows), {True: 0, False: 0}
        for sent, owner, kind, _ in self.given(body):
            like = {"record_value2": ""} | sent
            row = next((row for row in self.of(owner, kind) if self.shown(row) == like), None)
            if row is not None and self.removes:
                self.rows.remove(row)
                counts[owner == APEX] += 1
        self.published(before)
        return self.said({"main_record_removed_count": counts[True], "sub_record_removed_count": counts[False]})

    def published(self, before):
        """Only RRsets that differ."""
        was, now = ({}, {})
        for rows, sets in ((before, was), (self.rows, now)):
            for row in rows:
                sets.setdefault((row["owner"], row["type"]), set()).add((row["ttl"], row["data"]))
        self.publish(*sorted(key for key in was.keys() | now.keys() if was.get(key) != now.get(key)))
