# with PyQt5
"""Signals, timers, threads and widgets without a screen."""

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"
import sys

from PyQt5.QtCore import (QByteArray, QCoreApplication, QDate, QObject, QPointF, QRegularExpression, Qt, QThread,
                          QTimer, QUrl, QVariant, pyqtProperty, pyqtSignal, pyqtSlot)


class Counter(QObject):
    changed = pyqtSignal(int, str)

    def __init__(self):
        super().__init__()
        self._value = 0

    @pyqtProperty(int)
    def value(self):
        return self._value

    @value.setter
    def value(self, value):
        self._value = value
        self.changed.emit(value, f"now {value}")

    @pyqtSlot()
    def step(self):
        self.value += 1


class Worker(QThread):
    done = pyqtSignal(object)

    def run(self):
        self.done.emit({"sum": sum(range(1000)), "own": QThread.currentThread() is self})


def main():
    app = QCoreApplication(sys.argv)
    counter, seen = Counter(), []
    counter.changed.connect(lambda *arguments: seen.append(arguments))
    counter.value = 3
    counter.step()
    counter.setProperty("value", 9)
    print(seen, counter.property("value"), counter.metaObject().className())
    timer = QTimer()
    timer.timeout.connect(counter.step)
    timer.start(1)
    workers = [Worker() for _ in range(3)]
    results = []
    for worker in workers:
        worker.done.connect(results.append)
        worker.done.connect(lambda _: len(results) == 3 and QTimer.singleShot(20, app.quit))
        worker.start()
    app.exec_()
    for worker in workers:
        worker.wait()
    print(results, counter.value > 9)
    print(QDate(2024, 2, 28).addDays(2).toString("yyyy-MM-dd"), QUrl("http://a.b/c?d=e#f").query())
    print(QPointF(1, 2) + QPointF(3, 4), bytes(QByteArray(b"abc").toHex()), QVariant([1, "x"]).value())
    print(QRegularExpression(r"(\d+)").match("ab12").captured(1), Qt.AlignLeft | Qt.AlignTop == 33)
    parent = QObject()
    child = QObject(parent)
    child.setObjectName("child")
    print([c.objectName() for c in parent.children()], parent.findChild(QObject, "child") is child)
    try:
        QDate("x", [])
    except TypeError as error:
        print(str(error).splitlines()[0])
    counter.changed.disconnect()
    counter.step()
    print([number for number, _ in seen] == list(range(3, 5)) + list(range(9, counter.value)))


main()
