# with requests
"""Sessions, redirects, cookies, streams, uploads and timeouts against a local server."""

import gzip
import http.server
import io
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    failures = 2

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/redirect":
            self.answer(302, Location="/target", Set_Cookie="a=b")
        elif self.path == "/gzip":
            self.answer(200, gzip.compress(b"packed " * 50), Content_Encoding="gzip")
        elif self.path == "/slow":
            time.sleep(0.5)
            self.answer(200)
        elif self.path == "/flaky":
            Handler.failures -= 1
            self.answer(503 if Handler.failures >= 0 else 200, b"steady")
        else:
            self.answer(200, (self.path + " " + str(self.headers.get("Cookie"))).encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, str(len(body)).encode(), X_Type=self.headers["Content-Type"].split(";")[0])

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_port}"
with requests.Session() as session:
    reply = session.get(base + "/redirect")
    print(reply.text, [r.status_code for r in reply.history], session.cookies.get_dict())
    print(session.get(base + "/gzip").text[:14], session.get(base + "/q", params={"a": [1, "ä b"]}).text)
    for keywords in ({"json": {"a": 1}}, {"data": {"a": "x y"}}, {"data": io.BytesIO(b"z" * 1000)},
                     {"files": {"f": ("n", b"content")}, "data": {"k": "v"}}):
        try:
            reply = session.post(base, **keywords)
            print(reply.headers["X-Type"], int(reply.text) > 5)
        except requests.ConnectionError:
            print("no type was sent")
    with session.get(base + "/" + "long" * 5000, stream=True) as reply:
        print(sum(map(len, reply.iter_content(1024))))
    try:
        session.get(base + "/slow", timeout=0.05)
    except requests.Timeout as error:
        print(type(error).__name__)
    session.mount("http://", HTTPAdapter(max_retries=Retry(3, status_forcelist=[503], backoff_factor=0)))
    print(session.get(base + "/flaky").text)
    with ThreadPoolExecutor(8) as pool:
        print(sorted({len(r.text) for r in pool.map(lambda n: session.get(f"{base}/{n % 12}"), range(80))}))
for url in "http://127.0.0.1:1/", "nothing://x", "":
    try:
        requests.get(url)
    except requests.RequestException as error:
        print(type(error).__name__)
prepared = requests.Request("PUT", "http://a.b/ä?x=1", data="body", auth=("u", "p")).prepare()
print(prepared.url, sorted(prepared.headers.items()))
server.shutdown()
