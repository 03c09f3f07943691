"""Random playouts of Go on a small board (flood fills, lists, sets of ints)."""
import random
import sys

SIZE = 9
EMPTY, BLACK, WHITE = 0, 1, 2
NEIGHBOURS = [[y * SIZE + x for x, y in ((c - 1, r), (c + 1, r), (c, r - 1), (c, r + 1))
               if 0 <= x < SIZE and 0 <= y < SIZE] for r in range(SIZE) for c in range(SIZE)]


class Board:
    def __init__(self):
        self.points = [EMPTY] * (SIZE * SIZE)
        self.ko = None
        self.captured = [0, 0, 0]

    def group(self, start):
        colour = self.points[start]
        stones, liberties, todo = {start}, set(), [start]
        while todo:
            for near in NEIGHBOURS[todo.pop()]:
                state = self.points[near]
                if state == EMPTY:
                    liberties.add(near)
                elif state == colour and near not in stones:
                    stones.add(near)
                    todo.append(near)
        return stones, liberties

    def is_eye(self, point, colour):
        return all(self.points[near] == colour for near in NEIGHBOURS[point])

    def play(self, point, colour):
        if self.points[point] != EMPTY or point == self.ko or self.is_eye(point, colour):
            return False
        self.points[point] = colour
        taken = []
        for near in NEIGHBOURS[point]:
            if self.points[near] == 3 - colour:
                stones, liberties = self.group(near)
                if not liberties:
                    for stone in stones:
                        self.points[stone] = EMPTY
                    taken.extend(stones)
        if not taken and not self.group(point)[1]:
            self.points[point] = EMPTY
            return False
        self.ko = taken[0] if len(taken) == 1 else None
        self.captured[colour] += len(taken)
        return True


def playout(source):
    board, colour, passes, moves = Board(), BLACK, 0, 0
    while passes < 2 and moves < 3 * SIZE * SIZE:
        empty = [i for i, state in enumerate(board.points) if state == EMPTY]
        source.shuffle(empty)
        passes += 1
        for point in empty:
            if board.play(point, colour):
                passes = 0
                break
        colour = 3 - colour
        moves += 1
    return board.points.count(BLACK) + board.captured[BLACK] - board.captured[WHITE]


games = int(sys.argv[1]) if len(sys.argv) > 1 else 130
source = random.Random(7)
print(sum(playout(source) for _ in range(games)))
