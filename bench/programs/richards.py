"""A simulation of an operating system's scheduler, after Martin Richards (classes and methods)."""
import sys

IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B = range(6)
DEVICE, WORK = 0, 1
BUFFER = 4


class Packet:
    def __init__(self, link, ident, kind):
        self.link = link
        self.ident = ident
        self.kind = kind
        self.datum = 0
        self.data = [0] * BUFFER

    def append_to(self, queue):
        self.link = None
        if queue is None:
            return self
        last = queue
        while last.link is not None:
            last = last.link
        last.link = self
        return queue


class Task:
    def __init__(self, scheduler, ident, priority, queue, ready):
        self.scheduler = scheduler
        self.ident = ident
        self.priority = priority
        self.queue = queue
        self.pending = queue is not None
        self.waiting = not ready and queue is None or ident > WORKER
        self.holding = False
        self.link = scheduler.tasks
        scheduler.tasks = self
        scheduler.table[ident] = self

    def is_blocked(self):
        return self.holding or (not self.pending and self.waiting)

    def run(self):
        message = None
        if self.waiting and self.pending:
            message = self.queue
            self.queue = message.link
            self.pending = self.queue is not None
            self.waiting = False
        return self.step(message)

    def wait(self):
        self.waiting = True
        return self

    def hold(self):
        self.scheduler.holds += 1
        self.holding = True
        return self.link

    def release(self, ident):
        task = self.scheduler.table[ident]
        task.holding = False
        return task if task.priority > self.priority else self

    def send(self, packet):
        target = self.scheduler.table[packet.ident]
        self.scheduler.sent += 1
        packet.link = None
        packet.ident = self.ident
        return target.accept(packet, self)

    def accept(self, packet, sender):
        if self.queue is None:
            self.queue = packet
            self.pending = True
            if self.priority > sender.priority:
                return self
        else:
            packet.append_to(self.queue)
        return sender


class IdleTask(Task):
    def __init__(self, scheduler, count):
        super().__init__(scheduler, IDLE, 0, None, True)
        self.waiting = False
        self.control = 1
        self.count = count

    def step(self, message):
        self.count -= 1
        if self.count == 0:
            return self.hold()
        if self.control & 1 == 0:
            self.control //= 2
            return self.release(DEVICE_A)
        self.control = self.control // 2 ^ 0xd008
        return self.release(DEVICE_B)


class WorkTask(Task):
    def __init__(self, scheduler, priority, queue):
        super().__init__(scheduler, WORKER, priority, queue, False)
        self.waiting = True
        self.destination = HANDLER_A
        self.letter = 0

    def step(self, message):
        if message is None:
            return self.wait()
        self.destination = HANDLER_B if self.destination == HANDLER_A else HANDLER_A
        message.ident = self.destination
        message.datum = 0
        for i in range(BUFFER):
            self.letter = self.letter % 26 + 1
            message.data[i] = self.letter + 64
        return self.send(message)


class HandlerTask(Task):
    def __init__(self, scheduler, ident, priority, queue):
        super().__init__(scheduler, ident, priority, queue, False)
        self.work = None
        self.devices = None

    def step(self, message):
        if message is not None:
            if message.kind == WORK:
                self.work = message.append_to(self.work)
            else:
                self.devices = message.append_to(self.devices)
        work = self.work
        if work is None:
            return self.wait()
        count = work.datum
        if count >= BUFFER:
            self.work = work.link
            return self.send(work)
        device = self.devices
        if device is None:
            return self.wait()
        self.devices = device.link
        device.datum = work.data[count]
        work.datum = count + 1
        return self.send(device)


class DeviceTask(Task):
    def __init__(self, scheduler, ident, priority):
        super().__init__(scheduler, ident, priority, None, False)
        self.pending_packet = None

    def step(self, message):
        if message is None:
            if self.pending_packet is None:
                return self.wait()
            packet, self.pending_packet = self.pending_packet, None
            return self.send(packet)
        self.pending_packet = message
        return self.hold()


class Scheduler:
    def __init__(self):
        self.tasks = None
        self.table = [None] * 6
        self.holds = self.sent = 0

    def run(self):
        task = self.tasks
        while task is not None:
            if task.is_blocked():
                task = task.link
            else:
                task = task.run()


def simulate(count):
    scheduler = Scheduler()
    IdleTask(scheduler, count)
    WorkTask(scheduler, 1000, Packet(Packet(None, WORKER, WORK), WORKER, WORK))
    for handler, device, priority in ((HANDLER_A, DEVICE_A, 2000), (HANDLER_B, DEVICE_B, 3000)):
        queue = None
        for _ in range(3):
            queue = Packet(queue, device, DEVICE)
        HandlerTask(scheduler, handler, priority, queue)
    DeviceTask(scheduler, DEVICE_A, 4000)
    DeviceTask(scheduler, DEVICE_B, 5000)
    scheduler.run()
    return scheduler.holds, scheduler.sent


print(*simulate(int(sys.argv[1]) if len(sys.argv) > 1 else 250000))
