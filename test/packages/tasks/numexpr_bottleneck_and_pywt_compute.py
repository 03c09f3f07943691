# with numexpr bottleneck pywt
"""Expressions over arrays, moving windows, wavelets; in several threads."""

from concurrent.futures import ThreadPoolExecutor

import bottleneck as bn
import numexpr as ne
import numpy as np
import pywt


def work(seed):
    a = np.random.RandomState(seed).rand(5000)
    b = np.arange(5000.0)
    total = ne.evaluate("sum(where(a > 0.5, a * b, sqrt(b)))")
    moving = bn.move_median(a, 5, min_count=1)
    a[::7] = np.nan
    return (round(float(total), 4), round(float(moving.sum()), 6), round(bn.nanmean(a), 8), bn.nanargmax(a),
            bn.rankdata(b[:5] % 3).tolist(), pywt.wavedec(b[:16], "db2", level=2)[0].round(4).tolist())


ne.set_num_threads(2)
with ThreadPoolExecutor(4) as pool:
    for result in pool.map(work, range(6)):
        print(result)
x = np.arange(6)
print(ne.evaluate("x ** 2 % 5 == 4"), ne.evaluate("(x + 1j) * 2", {"x": x}), ne.NumExpr("a*2+b").input_names)
print(bn.push(np.array([1, np.nan, 3])), bn.partition(np.array([3, 1, 2]), 1)[1], bn.replace(np.array([1., 2]), 1, 9))
coefficients = pywt.dwt2(np.arange(16.).reshape(4, 4), "haar")
print(coefficients[0].tolist(), pywt.idwt2(coefficients, "haar").round(6).tolist()[0], pywt.Wavelet("sym3").dec_len)
for wrong in (lambda: ne.evaluate("x +"), lambda: ne.evaluate("unknown + 1"), lambda: bn.move_sum([1, 2], 5)):
    try:
        wrong()
    except (SyntaxError, KeyError, ValueError) as error:
        print(type(error).__name__, error)
