"""The six people of treyresearch.com, their passwords on both sides, and the CSV files that name them."""

import csv
import io
from dataclasses import dataclass

from .layout import DOMAIN, write

LOCAL_PARTS = ("anna.weber", "ben.okafor", "carla.diaz", "dmitri.petrov", "emi.tanaka", "office")
WRONG = "emi.tanaka"  # the password in users.csv is not the one that the source takes
ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
# What passwords really contain and what CSV, IMAP quoting and UTF-8 each stumble over.
DECORATION = {"anna.weber": '",', "carla.diaz": "\\ ", "dmitri.petrov": "пароль-"}


@dataclass(frozen=True)
class User:
    local: str
    src_password: str
    dst_password: str

    @property
    def address(self):
        return f"{self.local}@{DOMAIN}"


def people(lab):
    source = lab.random("passwords")
    return [User(local, DECORATION.get(local, "") + word(source), word(source)) for local in LOCAL_PARTS]


def word(source):
    return "".join(source.choice(ALPHABET) for _ in range(14))


def admin_password(lab):
    """Of the Cyrus administrator."""
    return word(lab.random("admin"))


def prepare(lab):
    write(lab.path("users.csv"), sheet(lab, WRONG), 0o600)
    write(lab.path("users-fixed.csv"), sheet(lab, None), 0o600)


def sheet(lab, wrong):
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["EmailAddress", "UserName", "Password", "TargetUserName", "TargetPassword"])
    for user in people(lab):
        given = "Summer2019!" if user.local == wrong else user.src_password
        rows.writerow([user.address, user.address, given, user.address, user.dst_password])
    return out.getvalue()
