import math


class Other(float):
    def __float__(self):
        return 4.25


print(math.sqrt(Other(9.0)), math.hypot(Other(3), Other(4)), float(Other(7.5)), Other(2) + 1, round(Other(2.5)))
