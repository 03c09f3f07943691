# with pandas
"""Tables from threads: group, join, pivot, resample, strings, categories, read and write."""

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd


def make(seed):
    random = np.random.RandomState(seed)
    return pd.DataFrame({"key": random.choice(list("abcd"), 500), "n": random.randint(0, 100, 500),
                         "x": random.rand(500).round(4),
                         "day": pd.date_range("2024-01-01", periods=500, freq="7h")})


def work(seed):
    frame = make(seed)
    grouped = frame.groupby("key").agg(total=("n", "sum"), mean=("x", "mean"), last=("day", "max"))
    joined = frame.merge(grouped, left_on="key", right_index=True)
    monthly = frame.set_index("day").resample("M")["n"].sum()
    pivot = frame.pivot_table("x", "key", frame.day.dt.month, aggfunc="count", fill_value=0)
    text = frame.key.str.upper().str.cat(frame.n.astype(str), sep="-")
    return (grouped.round(4).to_string(), int(joined.total.sum()), monthly.tolist(), pivot.to_numpy().tolist(),
            text[text.str.contains("A-1")].head(3).tolist(), frame.n.rolling(5).mean().iloc[-1],
            frame.key.astype("category").cat.codes.sum(), frame.query("n > 90 and x < 0.3").shape)


with ThreadPoolExecutor(4) as pool:
    results = list(pool.map(work, range(6)))
for part in results[3]:
    print(part)
print([r[1] for r in results], results == [work(seed) for seed in range(6)])
frame = make(1).head(5)
text = frame.to_csv(index=False)
print(text)
print(pd.read_csv(io.StringIO(text), parse_dates=["day"]).equals(frame), frame.to_json(orient="records")[:90])
print(frame.describe().round(3))
frame.loc[2, "x"] = np.nan
print(frame.x.fillna(frame.x.mean()).round(4).tolist(), frame.isna().sum().to_dict(), frame.dtypes.astype(str).tolist())
print(pd.concat([frame, frame], keys=["a", "b"]).loc["b"].n.tolist(), frame.n.apply(lambda v: v % 7).tolist())
for wrong in (lambda: frame["none"], lambda: frame.loc[99], lambda: pd.to_datetime("nothing")):
    try:
        wrong()
    except (KeyError, ValueError) as error:
        print(type(error).__name__, str(error)[:50])
