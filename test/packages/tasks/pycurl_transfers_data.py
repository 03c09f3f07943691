# with pycurl
"""Transfers from a local server: callbacks for data and headers, several at once, errors."""

import http.server
import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pycurl


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, body):
        self.send_response(200 if self.path != "/none" else 404)
        self.send_header("X-Own", "value")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(self.path.encode() * 100)

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers["Content-Length"]))[::-1])

    def log_message(self, *arguments):
        pass


def fetch(url):
    body, headers = io.BytesIO(), []
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, url)
    curl.setopt(pycurl.WRITEDATA, body)
    curl.setopt(pycurl.HEADERFUNCTION, headers.append)
    curl.perform()
    status = curl.getinfo(pycurl.RESPONSE_CODE)
    curl.close()
    return status, len(body.getvalue()), b"X-Own: value\r\n" in headers


def post(url):
    body = io.BytesIO()
    curl = pycurl.Curl()
    curl.setopt(curl.URL, url)
    curl.setopt(curl.POSTFIELDS, "a=1&b=2")
    curl.setopt(curl.WRITEFUNCTION, body.write)
    curl.perform()
    return body.getvalue()


def together(urls):
    multi = pycurl.CurlMulti()
    bodies = []
    handles = []
    for url in urls:
        curl = pycurl.Curl()
        bodies.append(io.BytesIO())
        curl.setopt(curl.URL, url)
        curl.setopt(curl.WRITEDATA, bodies[-1])
        multi.add_handle(curl)
        handles.append(curl)
    left = 1
    while left:
        _, left = multi.perform()
        multi.select(0.1)
    failed = multi.info_read()[2]
    for curl in handles:
        multi.remove_handle(curl)
    return [len(body.getvalue()) for body in bodies], failed


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_port}"
print(fetch(base + "/a"), fetch(base + "/none"), post(base))
print(together([f"{base}/{'x' * k}" for k in range(8)]))
with ThreadPoolExecutor(6) as pool:
    print(sorted(set(pool.map(fetch, [f"{base}/{'y' * (k % 5)}" for k in range(40)]))))
curl = pycurl.Curl()
curl.setopt(curl.URL, base)
curl.setopt(curl.WRITEFUNCTION, lambda data: 1 / 0)
for options in ((), ((pycurl.URL, "http://127.0.0.1:1/"),)):
    for option in options:
        curl.setopt(*option)
    try:
        curl.perform()
    except pycurl.error as error:
        print(error.args[0])
try:
    curl.setopt(pycurl.URL, 5)
except TypeError as error:
    print(error)
server.shutdown()
