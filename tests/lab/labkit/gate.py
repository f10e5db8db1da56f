"""What stands before a server that cannot listen where the lab needs it; a program of its own, without a state.

    gate.py dns ADDRESS PORT             every query and stream to ADDRESS:53 goes to 127.0.0.1:PORT
    gate.py tls ADDRESS PEM KEY TO PORT  what comes to ADDRESS:443 by TLS goes on to TO:PORT without
"""

import socket
import ssl
import sys
import threading

LONGEST_UDP = 65535


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def pass_on(client, upstream, context):
    try:
        outer = context.wrap_socket(client, server_side=True) if context else client
        inner = socket.create_connection(upstream)
    except OSError:
        client.close()
        return
    there = threading.Thread(target=pump, args=(outer, inner), daemon=True)
    there.start()
    pump(inner, outer)
    there.join(5)
    outer.close()
    inner.close()


def streams(address, port, upstream, context=None):
    listener = socket.create_server((address, port), backlog=64)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=pass_on, args=(client, upstream, context), daemon=True).start()


def ask(query, client, outside, upstream):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as inside:
        inside.settimeout(5)
        inside.connect(upstream)
        try:
            inside.send(query)
            outside.sendto(inside.recv(LONGEST_UDP), client)
        except OSError:
            pass  # as a datagram that was lost


def datagrams(address, port, upstream):
    outside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    outside.bind((address, port))
    while True:
        query, client = outside.recvfrom(LONGEST_UDP)
        threading.Thread(target=ask, args=(query, client, outside, upstream), daemon=True).start()


def main(kind, address, *words):
    if kind == "dns":
        upstream = ("127.0.0.1", int(words[0]))
        threading.Thread(target=datagrams, args=(address, 53, upstream), daemon=True).start()
        streams(address, 53, upstream)
    else:
        certificate, key, host, port = words
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        streams(address, 443, (host, int(port)), context)


if __name__ == "__main__":
    main(*sys.argv[1:])
