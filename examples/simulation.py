"""A discrete-event simulation of bank branches, which threads take one by one: objects and method
calls.

usage: simulation.py [threads] [branches] [customers per branch]
"""
import heapq
import random
import sys
import threading


class Customer:
    def __init__(self, ident, arrival, patience):
        self.ident = ident
        self.arrival = arrival
        self.patience = patience
        self.served_at = None

    def waited(self):
        return self.served_at - self.arrival

    def gives_up(self, now):
        return now - self.arrival > self.patience


class Teller:
    def __init__(self, speed):
        self.speed = speed
        self.busy_until = 0.0
        self.served = 0

    def serve(self, customer, now, work):
        customer.served_at = now
        self.busy_until = now + work / self.speed
        self.served += 1
        return self.busy_until


class Branch:
    def __init__(self, seed, customers):
        self.random = random.Random(seed)
        self.tellers = [Teller(0.8 + 0.1 * i) for i in range(4)]
        self.queue = []
        self.events = []
        self.order = 0
        self.lost = 0
        self.waits = []
        now = 0.0
        for ident in range(customers):
            now += self.random.expovariate(1.3)
            self.schedule(now, self.arrive, Customer(ident, now, self.random.uniform(3, 30)))

    def schedule(self, when, action, subject):
        self.order += 1
        heapq.heappush(self.events, (when, self.order, action, subject))

    def arrive(self, now, customer):
        self.queue.append(customer)
        self.start_service(now)

    def leave(self, now, teller):
        self.start_service(now)

    def start_service(self, now):
        for teller in self.tellers:
            if teller.busy_until <= now:
                customer = self.next_customer(now)
                if customer is None:
                    return
                done = teller.serve(customer, now, self.random.gammavariate(2.0, 1.2))
                self.waits.append(customer.waited())
                self.schedule(done, self.leave, teller)

    def next_customer(self, now):
        while self.queue:
            customer = self.queue.pop(0)
            if not customer.gives_up(now):
                return customer
            self.lost += 1
        return None

    def run(self):
        while self.events:
            when, _, action, subject = heapq.heappop(self.events)
            action(when, subject)
        return sum(t.served for t in self.tellers), self.lost, sum(self.waits) / len(self.waits)


def main(threads=2, branches=400, customers=3000):
    results = [None] * branches
    todo = iter(range(branches))
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                number = next(todo, None)
            if number is None:
                return
            results[number] = Branch(number, customers).run()

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    served, lost, waits = zip(*results)
    print(f"{sum(served)} served, {sum(lost)} gave up, mean wait {sum(waits) / branches:.4f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
