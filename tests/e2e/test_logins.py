"""Logging in, against real Dovecots with their OAuth 2 passdb and a strict token endpoint: tokens of every kind,
administrators, forms of a name, a token that dies while mail is copied, and the trial of all logins."""

import csv
import io
import os
import pty
import re
import socket
import ssl
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.request

from support import PATIENCE, Cutover, Lab, Running, binary, cut, mailbox, until
from token_endpoint import TokenEndpoint

LOGIN_HOST = "login.microsoftonline.example"
ROWS, WRONG = (300 if os.environ.get("CUTOVER_LONG") == "1" else 60), 12

PASSDB = """
auth_failure_delay = 0
auth_mechanisms = plain login {mechanism}
auth_master_user_separator = *
passdb {{
  driver = oauth2
  mechanisms = {mechanism}
  args = {directory}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  args = {directory}/masters
  master = yes
}}
service imap-login {{
  service_count = 0
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""

OAUTH2 = """
introspection_url = http://{address}/introspect
introspection_mode = post
force_introspection = yes
username_attribute = username
username_format = {username}
active_attribute = active
active_value = true
"""


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], capture_output=True, check=True)


class KillingProxy:
    """TLS on both sides, between cutover and the target: when the client has sent `after` bytes on a connection, the
    server's words are those of a dead token, and the connection ends. Once for each of `words`; "%" is the tag of the last APPEND."""

    def __init__(self, lab, after, words, then):
        self.lab, self.after, self.words, self.then, self.guard = lab, after, list(words), then, threading.Lock()
        self.address = f"{lab.env['LAB_NET']}.41"
        host = lab.env["LAB_TARGET_HOST"]
        self.accepting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.accepting.load_cert_chain(lab.dir / "tls" / f"{host}.pem", lab.dir / "tls" / f"{host}.key")
        self.calling = ssl.create_default_context(cafile=lab.env["LAB_CA"])
        self.listener = socket.create_server((self.address, 993))

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        cut(self.listener)
        self.listener.close()

    def accept(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(plain,), daemon=True).start()

    def serve(self, plain):
        try:
            client = self.accepting.wrap_socket(plain, server_side=True)
            server = self.calling.wrap_socket(socket.create_connection((self.lab.env["LAB_TARGET_ADDRESS"], 993)),
                                              server_hostname=self.lab.env["LAB_TARGET_HOST"])
        except OSError:
            plain.close()
            return
        threading.Thread(target=self.pump, args=(server, client, None), daemon=True).start()
        self.pump(client, server, client)

    def last_words(self, sent, tags):
        """What this connection dies with; None when it lives on."""
        with self.guard:
            if not self.words or sent < self.after or not tags:
                return None
            return self.words.pop(0).replace("%", tags[-1].decode()).encode() + b"\r\n"

    def pump(self, source, sink, client):
        sent, tags = 0, []
        try:
            while data := source.recv(16384):
                sent += len(data)
                tags = re.findall(rb"(?m)^(\w+) APPEND ", data) or tags if client else tags
                if client and (words := self.last_words(sent, tags)):
                    self.then()
                    sink.sendall(data[:len(data) // 2])  # the server gets half of it and no more
                    client.sendall(words)
                    client.settimeout(PATIENCE)
                    while client.recv(65536):  # a socket with unread bytes would be reset, and the words lost
                        pass
                    break
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            cut(end)


class Logins(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(mail="small", servers="mail")
        cls.addClassCleanup(cls.lab.down)
        cls.address = f"{cls.lab.env['LAB_NET']}.40"
        cls.keys = cls.lab.dir / "keys"
        cls.keys.mkdir()
        cls.make_keys()
        cls.idp = cls.enterClassContext(TokenEndpoint(cls.address, cls.keys / "login.pem", cls.keys / "login.key"))
        cls.idp.url = f"https://{LOGIN_HOST}/token"
        cls.idp.clients |= {"app": {"certificate": cls.keys / "app.pem"}, "old-app": {"secret": "s3cret value"}, "desk": {}}
        cls.idp.service_accounts["sa@project.example"] = cls.keys / "sa.pub"
        for side, mechanism, username in (("source", "oauthbearer xoauth2", "%Lu"), ("target", "xoauth2", "app")):
            cls.widen(side, mechanism, username)

    @classmethod
    def enterClassContext(cls, manager):  # Python 3.11 has it; older ones do not
        cls.addClassCleanup(manager.__exit__, None, None, None)
        return manager.__enter__()

    @classmethod
    def make_keys(cls):
        k, tls = cls.keys, cls.lab.dir / "tls"
        (k / "ext").write_text(f"subjectAltName=DNS:{LOGIN_HOST}\n")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", k / "login.key", "-subj", "/O=lab", "-out", k / "login.csr")
        openssl("x509", "-req", "-in", k / "login.csr", "-CA", cls.lab.env["LAB_CA"], "-CAkey", tls / "ca.key",
                "-CAcreateserial", "-extfile", k / "ext", "-days", "2", "-out", k / "login.pem")
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", k / "app.key", "-subj", "/CN=app", "-out", k / "app.pem")
        (k / "app.pem").write_text((k / "app.key").read_text() + (k / "app.pem").read_text())
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", k / "sa.key")
        openssl("pkey", "-in", k / "sa.key", "-pubout", "-out", k / "sa.pub")

    @classmethod
    def widen(cls, side, mechanism, username):
        """The lab's server takes tokens too, and an administrator."""
        directory = cls.lab.dir / side
        (directory / "oauth2.conf").write_text(OAUTH2.format(address=cls.address, username=username))
        (directory / "masters").write_text("boss:{PLAIN}open sesame\n")
        conf = directory / "dovecot.conf"
        conf.write_text(conf.read_text().replace("port = 0", "port = 143", 1) + PASSDB.format(mechanism=mechanism, directory=directory))
        cls.lab.do("restart", side)

    def setUp(self):
        self.cut = Cutover(self.lab)
        self.cut.use_users(self.lab.env["LAB_USERS_FIXED"])
        self.cut.edit("connect_to: { ", f"connect_to: {{ {LOGIN_HOST}: {self.address}, ")
        self.idp.complaints.clear()
        self.idp.lifetime = 3600

    def auth(self, side, text):
        self.cut.edit(f"{side}:\n", f"{side}:\n  auth: {{ {text} }}\n")

    def secret(self, name, text):
        self.cut.write(name, text).chmod(0o600)

    def by_certificate(self, side="target"):
        self.secret("app.pem", (self.keys / "app.pem").read_text())
        self.auth(side, "method: oauth-client-credentials, client_id: app, certificate: file:app.pem, scope: s/.default, "
                        f"token_url: https://{LOGIN_HOST}/token")

    def by_service_account(self, side="source"):
        key = (self.keys / "sa.key").read_text().replace("\n", "\\n")
        self.secret("sa.json", f'{{"type": "service_account", "client_email": "sa@project.example", "private_key_id": "7", '
                               f'"private_key": "{key}"}}')
        self.auth(side, "method: google-service-account, service_account: file:sa.json, "
                        f"token_url: https://{LOGIN_HOST}/token")

    def rows(self, change):
        """The CSV with each row changed."""
        path = self.cut.dir / "users.csv"
        table = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        out = io.StringIO()
        writer = csv.DictWriter(out, table[0].keys(), lineterminator="\n")
        writer.writeheader()
        for row in table:
            change(row)
            writer.writerow(row)
        path.write_text(out.getvalue(), encoding="utf-8")

    def forget_passwords(self, *columns):
        self.rows(lambda row: row.update({column: "" for column in columns}))

    # ---- tests

    def test_tokens_on_both_sides_and_one_that_dies_in_the_middle(self):
        self.by_certificate()
        self.by_service_account()
        self.forget_passwords("Password", "TargetPassword")
        words = ("* BYE Session invalidated - AccessTokenExpired", "% NO Session invalidated - AccessTokenExpired",
                 "% BAD Session invalidated - AccessTokenExpired", "% NO [AUTHENTICATIONFAILED] the token is no longer valid")
        # One connection at a time: a token that dies between being given and being shown, twice in a row, is a login that failed.
        self.cut.edit("mailboxes_at_once: 3\n", "mailboxes_at_once: 1\n  lanes_per_mailbox: 1\n")
        self.cut.uncompressed()
        with KillingProxy(self.lab, 40_000, words, self.idp.revoke_all) as proxy:
            self.cut.connect_to(self.lab.env["LAB_TARGET_HOST"], proxy.address)
            result = self.cut.run("copy", "-v", "-v", exits=0)
            self.assertEqual([], proxy.words, "each of them ended a session")
        result.says("AccessTokenExpired").hides("at-", "client_assertion=")
        status, text = self.lab.compare()
        self.assertEqual(0, status, text)
        self.assertEqual([], self.idp.complaints)
        self.assertGreaterEqual(self.idp.grants.count("client_credentials"), 2)
        self.assertEqual([], list(self.cut.dir.glob(".cutover/login-*")))

    def test_a_device_code_once_and_then_the_refresh_token(self):
        self.auth("target", f"method: oauth-device-code, client_id: desk, scope: m, token_url: https://{LOGIN_HOST}/token, "
                            f"device_url: https://{LOGIN_HOST}/device")
        self.cut.run("copy", "--check-logins", exits=0).says("https://login.example/device", "WDJB-MJHT", "6 of 6")
        kept = self.cut.dir / ".cutover" / "login-target.json"
        self.assertEqual(0o600, kept.stat().st_mode & 0o777)
        self.cut.run("copy", "--check-logins", exits=0).hides("WDJB-MJHT")
        self.idp.refresh.clear()  # somebody has withdrawn it
        self.cut.run("copy", "--check-logins", exits=0).says("WDJB-MJHT")
        kept.unlink()
        self.cut.edit("oauth-device-code,", "oauth-device-code, cache: none,")
        self.cut.run("copy", "--check-logins", exits=0)
        self.assertFalse(kept.exists())

    def test_a_browser_on_this_machine_with_pkce(self):
        self.auth("target", f"method: oauth-authorization-code, client_id: desk, scope: m, token_url: https://{LOGIN_HOST}/token, "
                            f"authorize_url: https://{LOGIN_HOST}/authorize")
        with Running(self.cut, "copy", "--check-logins") as run:
            run.reads("code_challenge_method=S256")
            url = re.search(r"https://\S+/authorize\S+", run.text())[0].replace(LOGIN_HOST, self.address)
            home = self.redirect_of(url)
            for wrong in ("favicon.ico", "?code=x&state=y"):
                self.assertIsInstance(self.visit(re.sub(r"\?.*", wrong, home)), urllib.error.HTTPError)
            self.assertIn(b"You are logged in", self.visit(home))
            run.ends().exits(0)
        self.assertEqual([], self.idp.complaints)

    @staticmethod
    def visit(url):
        """The page, or the HTTPError that it is; once more when the program took us for a connection that says nothing."""
        def page():
            try:
                return urllib.request.urlopen(url, timeout=PATIENCE).read()
            except urllib.error.HTTPError as error:
                return error
        return until(page, PATIENCE, f"an answer from {url}")

    def redirect_of(self, url):
        """Where the login page sends the browser."""
        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None
        context = ssl.create_default_context(cafile=self.lab.env["LAB_CA"])
        context.check_hostname = False  # the address stands in for the name
        try:
            urllib.request.build_opener(Stay, urllib.request.HTTPSHandler(context=context)).open(url, timeout=PATIENCE)
        except urllib.error.HTTPError as answer:
            return answer.headers["Location"].replace("localhost", "127.0.0.1")
        raise AssertionError("no redirect")

    def test_administrators_and_forms_of_a_name(self):
        self.secret("boss", "open sesame\n")
        self.auth("source", "master_user: boss, master_password: file:boss")
        self.auth("target", "master_user: boss, master_password: file:boss, master_by: authzid")
        self.forget_passwords("Password", "TargetPassword")
        self.cut.run("copy", "--check-logins", exits=0).says("source: 6 of 6", "target: 6 of 6")
        self.secret("boss", "open barley\n")
        self.cut.run("copy", "--check-logins", exits=1).says("wrong password (6 rows)").hides("barley")

    def test_the_old_port_by_starttls(self):
        host = self.lab.env["LAB_SOURCE_HOST"]
        self.cut.edit(f"imaps://{host}", f"imaps://{host}:143")
        self.cut.run("copy", "--check-logins", exits=1).says("does not speak TLS from the first byte", "use imap:// (STARTTLS)")
        self.cut.run("copy", "--dry-run", "--pilot", "2", exits=1).says("row 2: at the source", "row 3: as above")
        self.cut.edit(f"imaps://{host}:143", f"imap://{host}")
        self.cut.run("copy", "--check-logins", exits=0).says("source: 6 of 6")

    def test_other_forms_of_a_name_are_tried_where_that_is_allowed(self):
        self.rows(lambda row: row.update(TargetUserName=row["EmailAddress"].split("@")[0]))
        self.cut.run("copy", "--check-logins", exits=1).says("target: 0 of 6")
        self.auth("target", "login_forms: [ address ]")
        self.cut.run("copy", "--check-logins", exits=0).says("target: 6 of 6")

    def test_many_rows_with_twelve_wrong_passwords(self):
        uid = (self.lab.dir / "source" / "passwd").read_text().splitlines()[0].split(":", 2)[2]
        users = [(f"user{i:03}@treyresearch.com", f"pw-{i:03}-right") for i in range(ROWS)]
        wrong = {i for i in range(0, ROWS, ROWS // WRONG)}
        self.assertEqual(WRONG, len(wrong))
        for side in ("source", "target"):
            with open(self.lab.dir / side / "passwd", "a", encoding="utf-8") as file:
                file.writelines(f"{address}:{{PLAIN}}{password}:{uid}\n" for address, password in users)
        self.secret("users.csv", "EmailAddress,UserName,Password\n" + "".join(
            f"{address},{address},{'pw-mistyped' if i in wrong else password}\n" for i, (address, password) in enumerate(users)))
        self.by_certificate()
        written = int(time.time())  # Dovecot looks once a second whether its file of users is another one
        until(lambda: int(time.time()) > written, PATIENCE, "the next second")
        result = self.cut.run("copy", "--check-logins", "--json", exits=1).hides("pw-mistyped", "-right").json()
        failed = {row["mailbox"]: row["source"]["class"] for row in result["rows"] if not row["source"]["ok"]}
        self.assertEqual({users[i][0]: "wrong-password" for i in wrong}, failed)
        self.assertEqual({"ok": ROWS}, result["target"])
        self.assertEqual((ROWS, WRONG), (result["mailboxes"], result["failed"]))
        self.assertEqual(1, self.idp.grants[-1:].count("client_credentials"))

    def test_no_access_and_too_many_connections(self):
        """Told apart from a wrong password by what a real server says; with a line of progress where somebody looks on. Of a list of users
        that are denied (deny = yes) Dovecot says what it says of a wrong password: nobody can tell it from one."""
        conf, passwd = (self.lab.dir / "source" / name for name in ("dovecot.conf", "passwd"))
        before = conf.read_text(), passwd.read_text()
        addresses = [line.split(":", 1)[0] for line in before[1].splitlines()]
        closed, busy, denied = addresses[:3]
        deny = self.lab.dir / "source" / "denied"
        deny.write_text(f"{denied}:\n")
        try:
            conf.write_text(before[0].replace("passdb {", f"passdb {{\n  driver = passwd-file\n  deny = yes\n  args = {deny}\n}}\npassdb {{", 1)
                            + "\nmail_max_userip_connections = 1\n")
            passwd.write_text("".join(f"{line}nologin\n" if line.startswith(f"{closed}:") else f"{line}\n"
                                      for line in before[1].splitlines()))
            self.lab.do("restart", "source")
            held = mailbox(self.lab, busy.split("@")[0], "source")
            result = self.cut.run("copy", "--check-logins", "--json", exits=1).hides("trying logins").json()
            failed = {row["mailbox"]: row["source"]["class"] for row in result["rows"] if not row["source"]["ok"]}
            self.assertEqual({closed: "no-access", busy: "throttled", denied: "wrong-password"}, failed)
            until(lambda: self.who(conf) == {busy}, PATIENCE, "the sessions of the first trial to be over at the server, too")
            screen = self.on_a_terminal("copy", "--check-logins")
            self.assertIn("trying logins: 6 of 6, 3 refused", screen)
            held.close()
        finally:
            conf.write_text(before[0])
            passwd.write_text(before[1])
            self.lab.do("restart", "source")

    @staticmethod
    def who(conf):
        """Whose sessions a server counts, by its own word: one that has logged out counts until its process has ended."""
        done = subprocess.run(["doveadm", "-c", str(conf), "-f", "tab", "who", "-1"], capture_output=True, text=True, check=False)
        return {line.split("\t")[0] for line in done.stdout.splitlines()[1:]}

    def on_a_terminal(self, *words):
        """What a person sees of it on standard error."""
        ours, theirs = pty.openpty()
        with subprocess.Popen([binary(), *words], cwd=self.cut.dir, env=self.cut.environment() | {"TERM": "xterm"},
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs) as process:
            os.close(theirs)
            seen = b""
            try:
                while data := os.read(ours, 65536):
                    seen += data
            except OSError:
                pass  # Linux tells the end of a terminal so
            process.wait(PATIENCE)
        os.close(ours)
        return seen.decode(errors="replace")

    def test_each_class_of_refusal_is_told(self):
        self.auth("target", "method: oauth-client-credentials, client_id: old-app, client_secret: env:WRONG, scope: s, "
                            f"token_url: https://{LOGIN_HOST}/token")
        self.secret("wrong", "not the s3cret\n")
        self.cut.edit("env:WRONG", "file:wrong")
        result = self.cut.run("copy", "--check-logins", exits=1)
        result.says("the provider gave no token (6 rows)", "the client secret is wrong", "AADSTS7000215").hides("not the s3cret")
        self.assertEqual(1, len(self.idp.complaints), "one refusal is enough")
        self.cut.edit("file:wrong", "file:right")
        self.secret("right", "s3cret value\n")
        self.cut.run("copy", "--check-logins", exits=0)
        self.cut.connect_to(self.lab.env["LAB_SOURCE_HOST"], f"{self.lab.env['LAB_NET']}.99")
        self.cut.connect_to(self.lab.env["LAB_TARGET_HOST"], self.lab.env["LAB_SOURCE_ADDRESS"])
        self.cut.run("copy", "--check-logins", exits=1).says("source: server not reached (6 rows)", "connection refused",
                                                             "target: certificate or encryption (6 rows)", "is not for this name")
        self.idp.fail_next += [503] * 8
        self.cut.connect_to(self.lab.env["LAB_TARGET_HOST"], self.lab.env["LAB_TARGET_ADDRESS"])
        self.cut.run("copy", "--check-logins", exits=1).says("the provider gave no token", "status 503")
        self.idp.fail_next.clear()


if __name__ == "__main__":
    unittest.main()
