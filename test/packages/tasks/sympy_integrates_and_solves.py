# with sympy
"""Integrals, equations, series, matrices, number theory, code made from formulas; in threads."""

from concurrent.futures import ThreadPoolExecutor

import sympy as sp

x, y, n = sp.symbols("x y n")
TASKS = [
    lambda: sp.integrate(sp.sin(x) ** 2 * x, x),
    lambda: sp.factor(x ** 5 - 1),
    lambda: sp.solve(x ** 3 - 2 * x + 1, x),
    lambda: sp.series(sp.exp(sp.sin(x)), x, 0, 6),
    lambda: sp.Matrix([[2, 1], [1, 3]]).eigenvals(),
    lambda: sp.dsolve(sp.Function("f")(x).diff(x, 2) + sp.Function("f")(x)),
    lambda: sp.limit(sp.sin(x) / x, x, 0),
    lambda: sp.simplify(sp.sin(x) ** 2 + sp.cos(x) ** 2 + sp.log(sp.exp(y))),
    lambda: sp.summation(1 / n ** 2, (n, 1, sp.oo)),
    lambda: sp.N(sp.pi, 60),
    lambda: sp.factorint(2 ** 67 - 1),
    lambda: sp.groebner([x * y - 2, x ** 2 - y], x, y),
    lambda: sp.apart(1 / (x ** 3 - x), x),
    lambda: sp.latex(sp.Integral(sp.sqrt(x) / y, x)),
    lambda: sp.lambdify((x, y), x ** 2 + sp.sin(y))(3, 0),
    lambda: sp.sympify("2*x + 3/4*x**2").diff(x),
    lambda: sp.Rational(3, 7).limit_denominator(5),
    lambda: sp.ccode(sp.Piecewise((x, x > 0), (y ** 2, True))),
    lambda: sp.Poly(x ** 4 - 10 * x ** 2 + 1).intervals(),
    lambda: sp.logic.simplify_logic("(a & b) | (a & ~b)"),
]
alone = [str(task()) for task in TASKS]
print("\n".join(alone))
with ThreadPoolExecutor(3) as pool:
    print([str(r) for r in pool.map(lambda task: task(), TASKS)] == alone)
sp.pprint(sp.Integral(x ** 2 / y, (x, 0, 1)))
