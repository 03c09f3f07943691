# with flask
"""A server with threads, its requests from eight threads at once."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import requests
from flask import Flask, abort, jsonify, render_template_string, request, session
from werkzeug.serving import make_server

app = Flask("task")
app.secret_key = "secret"


@app.route("/double/<int:number>")
def double(number):
    return jsonify(number=number * 2, query=request.args.get("q"))


@app.route("/text", methods=["POST"])
def text():
    return render_template_string("{{ a }}|{{ items|join(',') }}", a=request.json["a"], items=[1, 2, 3])


@app.route("/count")
def count():
    session["n"] = session.get("n", 0) + 1
    return str(session["n"])


@app.errorhandler(403)
def refused(error):
    return f"refused: {error.description}", 403


@app.route("/refuse")
def refuse():
    abort(403, "no")


@app.route("/boom")
def boom():
    return 1 / 0


def main():
    logging.disable(logging.CRITICAL)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    base = f"http://127.0.0.1:{server.server_port}"
    print(requests.get(base + "/double/4?q=z").json(), requests.post(base + "/text", json={"a": "<x>"}).text)
    for path in "/none", "/refuse", "/boom", "/double/x":
        response = requests.get(base + path)
        print(path, response.status_code, response.headers["Content-Type"])
    with requests.Session() as client:
        print([client.get(base + "/count").text for _ in range(3)])
    with ThreadPoolExecutor(8) as pool:
        print(sum(r.json()["number"] for r in
                  pool.map(lambda n: requests.get(f"{base}/double/{n}"), range(100))))
    server.shutdown()
    thread.join()


main()
