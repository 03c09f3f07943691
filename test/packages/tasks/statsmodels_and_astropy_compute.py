# with statsmodels astropy
"""Regressions and time series; tables, units, times and FITS files."""

import io
import warnings

import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf
from astropy import constants, units as u
from astropy.io import fits
from astropy.modeling import fitting, models
from astropy.table import Table
from astropy.time import Time

warnings.simplefilter("ignore")
random = np.random.RandomState(0)
frame = pd.DataFrame({"x": random.rand(80), "g": random.choice(list("ab"), 80)})
frame["y"] = 2 * frame.x + (frame.g == "a") + random.rand(80) * 0.1
fitted = smf.ols("y ~ x + C(g)", frame).fit()
print(fitted.params.round(5).to_dict(), round(fitted.rsquared, 6))
print(sm.Logit((frame.y > 1.5).astype(int), sm.add_constant(frame.x)).fit(disp=0).params.round(3).tolist())
print(sm.tsa.ARIMA(np.cumsum(random.rand(60)), order=(1, 1, 0)).fit().forecast(2).round(2), sm.stats.durbin_watson(fitted.resid).round(4))
table = Table({"a": [3, 1, 2], "b": ["x", "y", "z"]})
table.sort("a")
table["c"] = table["a"] * u.km
print(list(table["b"]), (3 * u.km / u.s).to(u.m / u.s), constants.c.to("km/s").value, table["c"].unit, (5 * u.m).decompose())
print(Time("2024-02-28T12:00:00").jd, (Time("2024-01-02") - Time("2024-01-01")).sec, (10 * u.deg).to_string())
try:
    (3 * u.km) + (2 * u.s)
except u.UnitsError as error:
    print(error)
out = io.BytesIO()
fits.HDUList([fits.PrimaryHDU(np.arange(20.0).reshape(4, 5)), fits.BinTableHDU(Table({"n": [1, 2]}))]).writeto(out)
with fits.open(io.BytesIO(out.getvalue())) as hdus:
    print(hdus[0].data.sum(), hdus[1].data["n"].tolist(), hdus[0].header["NAXIS1"])
x = np.linspace(-3, 3, 50)
print(fitting.LevMarLSQFitter()(models.Gaussian1D(1, 0.2, 1.5), x, np.exp(-x * x / 2)).parameters.round(4).tolist())
