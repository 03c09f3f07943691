try:
    import scipy
except ModuleNotFoundError as e:
    raise SystemExit(f"skipped: {e}")
import numpy as np
from scipy import fft, integrate, interpolate, linalg, optimize, signal, sparse, spatial, special, stats

found = optimize.minimize(lambda x: (x[0] - 1) ** 2 + (x[1] - 2.5) ** 2, [0, 0])
print(found.x.round(4), found.success, found.message)
rosen = optimize.minimize(optimize.rosen, [1.3, 0.7, 0.8], method="Nelder-Mead", options={"xatol": 1e-6})
print(rosen.x.round(3), round(optimize.brentq(lambda x: x * x - 2, 0, 2), 10))
print(optimize.linprog([-1, 4], A_ub=[[-3, 1], [1, 2]], b_ub=[6, 4], bounds=[(None, None), (-3, None)]).x)
print(optimize.curve_fit(lambda x, a, b: a * x + b, [0, 1, 2, 3], [1, 3, 5, 7.1])[0].round(4))
print(optimize.least_squares(lambda x: x - np.array([3, 4]), [0, 0]).x.round(6))
print(round(integrate.quad(np.sin, 0, np.pi)[0], 10), integrate.solve_ivp(lambda t, y: -y, (0, 1), [1.0]).y[0, -1].round(3))
print(linalg.lu(np.array([[4.0, 3], [6, 3]]))[2], linalg.expm(np.zeros((2, 2))))
matrix = sparse.csr_matrix(np.eye(3)) * 2
print(matrix.toarray(), sparse.linalg.spsolve(matrix.tocsc(), [2.0, 4, 6]) if hasattr(sparse, "linalg") else "")
print(interpolate.CubicSpline([0, 1, 2], [0, 1, 4])(1.5).round(6), special.gamma(5), special.jv(0, 1.0).round(8))
print(stats.norm.cdf(1.96).round(6), stats.linregress([0, 1, 2], [1, 3, 5]).slope, stats.ttest_ind([1, 2, 3], [2, 3, 4]).pvalue.round(6))
print(signal.convolve([1, 2, 3], [0, 1]), spatial.KDTree([[0, 0], [1, 1]]).query([0.9, 0.8])[1], fft.dct([1.0, 2, 3]).round(4))
