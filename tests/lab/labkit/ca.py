"""A small certificate authority: DIR/ca.pem signs one certificate per server name (ECDSA, by openssl)."""

from .dns import run
from .layout import write


def prepare(lab, names):
    """Make the authority and, for each name of `names`, DIR/tls/NAME.pem and NAME.key."""
    directory = lab.path("tls")
    directory.mkdir(mode=0o711, exist_ok=True)
    key = new_key(directory / "ca.key")
    run(["openssl", "req", "-new", "-x509", "-key", key, "-days", "30", "-subj", "/O=cutover lab/CN=cutover lab CA",
         "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
         "-out", str(lab.path("ca.pem"))])
    for name in names:
        certificate(lab, name)


def certificate(lab, name):
    directory = lab.path("tls")
    request, extensions = directory / f"{name}.csr", directory / f"{name}.ext"
    write(extensions, f"subjectAltName=DNS:{name}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n")
    # A common name ends at 64 bytes, so the name stands in the subjectAltName only.
    run(["openssl", "req", "-new", "-key", new_key(directory / f"{name}.key"), "-subj", "/O=cutover lab",
         "-out", str(request)])
    run(["openssl", "x509", "-req", "-in", str(request), "-CA", str(lab.path("ca.pem")), "-CAkey",
         str(directory / "ca.key"), "-CAcreateserial", "-days", "30", "-extfile", str(extensions),
         "-out", str(directory / f"{name}.pem")])
    request.unlink()
    extensions.unlink()


def new_key(path):
    write(path, "", 0o600)  # openssl keeps the mode of a file that exists
    run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(path)])
    return str(path)


def hand_over(lab, name, directory):
    """Copies of the certificate and the key, for a server that sees its own directory only."""
    for kind in ("pem", "key"):
        write(directory / f"server.{kind}", lab.path("tls", f"{name}.{kind}").read_text(), 0o600)
