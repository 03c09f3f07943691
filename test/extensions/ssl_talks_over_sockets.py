"""_ssl: a client and a server with a certificate, over a socket pair and in memory."""
import os
import socket
import ssl
import test
import threading

FOLDER = os.path.dirname(test.__file__)
CERTIFICATE, AUTHORITY = (os.path.join(FOLDER, n) for n in ("keycert3.pem", "pycacert.pem"))

server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server_context.load_cert_chain(CERTIFICATE)
client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
client_context.load_verify_locations(AUTHORITY)

left, right = socket.socketpair()


def serve():
    with server_context.wrap_socket(right, server_side=True) as s:
        data = s.recv(1 << 16)
        while len(data) < 100000:
            data += s.recv(1 << 16)
        s.sendall(data[::-1])


thread = threading.Thread(target=serve)
thread.start()
left.settimeout(20)
with client_context.wrap_socket(left, server_hostname="localhost") as s:
    s.sendall(bytes(range(250)) * 400)
    answer = b""
    while len(answer) < 100000:
        answer += s.recv(1 << 16)
    print(answer == (bytes(range(250)) * 400)[::-1], s.version(), s.cipher()[0])
    print(s.getpeercert()["subject"][-1], s.selected_alpn_protocol())
thread.join()

# A server that never answers, and one with the wrong name.
left, right = socket.socketpair()
left.settimeout(0.05)
try:
    client_context.wrap_socket(left, server_hostname="localhost")
except TimeoutError as e:
    print(type(e), e)
left.close()
right.close()

incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
client = client_context.wrap_bio(incoming, outgoing, server_hostname="elsewhere")
server_in, server_out = outgoing, incoming
server = server_context.wrap_bio(server_in, server_out, server_side=True)
for _ in range(4):
    for side in (client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLCertVerificationError as e:
            print(e.verify_message, e.reason)
        except ssl.SSLError as e:
            print(type(e).__name__)
print(sorted(ssl.cert_time_to_seconds.__code__.co_varnames)[:3], ssl.RAND_status())
print(ssl.PEM_cert_to_DER_cert(open(AUTHORITY).read()[open(AUTHORITY).read().index("-----BEGIN"):])[:4])
try:
    server_context.load_cert_chain(os.devnull)
except ssl.SSLError as e:
    print(type(e), e.library, e.reason)
