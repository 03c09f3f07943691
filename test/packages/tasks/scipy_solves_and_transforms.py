# with scipy
"""Optimisation with Python callbacks, integration, sparse matrices, signals, statistics; in threads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy import fft, integrate, interpolate, linalg, ndimage, optimize, signal, sparse, spatial, special, stats
from scipy.sparse import csgraph
from scipy.sparse.linalg import spsolve


def rosenbrock(x):
    return sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def work(seed):
    random = np.random.RandomState(seed)
    best = optimize.minimize(rosenbrock, random.rand(3), method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-8})
    area = integrate.quad(lambda x: np.exp(-x * x), 0, 3)[0]
    path = integrate.solve_ivp(lambda t, y: [y[1], -y[0]], (0, 5), [1, 0], rtol=1e-8).y[0, -1]
    root = optimize.brentq(lambda x: x ** 3 - seed - 1, 0, 5)
    matrix = sparse.random(60, 60, 0.1, random_state=random, format="csr") + sparse.eye(60) * 5
    solved = spsolve(matrix.tocsc(), np.ones(60))
    return best.x.round(3).tolist(), round(area, 8), round(path, 5), round(root, 8), round(solved.sum(), 6)


with ThreadPoolExecutor(4) as pool:
    for result in pool.map(work, range(6)):
        print(result)
print(linalg.expm([[0, 1], [-1, 0]]).round(6).tolist(), np.abs(fft.fft(np.arange(8.0))).round(4).tolist())
print(interpolate.CubicSpline([0, 1, 2, 3], [0, 1, 8, 27])([0.5, 2.5]).round(6), special.gamma([0.5, 5]).round(6))
print(ndimage.label([[1, 1, 0], [0, 0, 1], [1, 0, 1]])[1], ndimage.generic_filter(np.arange(9.).reshape(3, 3), max, 3))
b, a = signal.butter(3, 0.2)
print(signal.lfilter(b, a, np.ones(5)).round(5), signal.find_peaks([0, 2, 1, 3, 0])[0])
print(stats.norm.cdf(1.96).round(5), stats.ttest_ind([1, 2, 3, 4], [2, 3, 4, 6]).pvalue.round(5))
tree = spatial.KDTree(np.random.RandomState(0).rand(100, 2))
print(tree.query([0.5, 0.5], 3)[1], spatial.ConvexHull([[0, 0], [1, 0], [1, 1], [0, 1], [.5, .5]]).volume)
print(csgraph.shortest_path(sparse.csr_matrix([[0, 1, 0], [0, 0, 2], [4, 0, 0]])).tolist())
print(optimize.curve_fit(lambda x, a, b: a * x + b, [0, 1, 2, 3], [1, 3, 5, 7])[0].round(6))
for wrong in (lambda: linalg.inv([[1, 1], [1, 1]]), lambda: optimize.brentq(lambda x: 1, 0, 1),
              lambda: integrate.quad(lambda x: 1 / 0, 0, 1)):
    try:
        wrong()
    except (linalg.LinAlgError, ValueError, ZeroDivisionError) as error:
        print(type(error).__name__, error)
