# with twisted
"""Servers and clients of lines and HTTP, deferreds, threads of the reactor's pool."""

from twisted.internet import defer, endpoints, protocol, reactor, task, threads
from twisted.protocols.basic import LineReceiver
from twisted.web import client, resource, server


class Reverse(LineReceiver):
    def lineReceived(self, line):
        self.sendLine(line[::-1])


class Ask(LineReceiver):
    def __init__(self):
        self.done = defer.Deferred()

    def connectionMade(self):
        self.sendLine(b"hello")

    def lineReceived(self, line):
        print(line)
        self.transport.loseConnection()

    def connectionLost(self, reason):
        self.done.callback(reason.value.__class__.__name__)


class Page(resource.Resource):
    isLeaf = True

    def render_GET(self, request):
        reactor.callLater(0.001, self.answer, request)
        return server.NOT_DONE_YET

    def answer(self, request):
        request.write(b"path " + request.path)
        request.finish()


@defer.inlineCallbacks
def lines():
    port = yield endpoints.TCP4ServerEndpoint(reactor, 0).listen(protocol.Factory.forProtocol(Reverse))
    ask = Ask()
    yield endpoints.connectProtocol(endpoints.TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port), ask)
    print((yield ask.done))
    yield port.stopListening()


@defer.inlineCallbacks
def pages():
    port = reactor.listenTCP(0, server.Site(Page()), interface="127.0.0.1")
    pool = client.HTTPConnectionPool(reactor, persistent=False)
    agent = client.Agent(reactor, pool=pool)
    for name in b"a", b"b/c":
        response = yield agent.request(b"GET", b"http://127.0.0.1:%d/%s" % (port.getHost().port, name))
        print(response.code, (yield client.readBody(response)))
    yield pool.closeCachedConnections()
    yield port.stopListening()


@defer.inlineCallbacks
def results():
    print((yield threads.deferToThread(sum, range(10))))
    try:
        yield task.deferLater(reactor, 0.001, lambda: 1 / 0)
    except ZeroDivisionError as error:
        print("caught", error)
    print((yield defer.gatherResults([threads.deferToThread(pow, 2, i) for i in range(12)])))
    print((yield threads.deferToThread(threads.blockingCallFromThread, reactor, defer.succeed, 5)))
    failing = defer.Deferred().addErrback(lambda f: (f.type.__name__, f.getErrorMessage()))
    failing.errback(ValueError("no"))
    print((yield failing))


@defer.inlineCallbacks
def main():
    try:
        for part in lines, pages, results:
            yield part()
    finally:
        reactor.stop()


reactor.callWhenRunning(main)
reactor.run()
