# with dask
"""Arrays, bags, tables and delayed functions on the threaded scheduler."""

import dask
import dask.array as da
import dask.bag as db
import dask.dataframe as dd
import numpy as np
import pandas as pd


@dask.delayed
def add(a, b):
    return a + b


def main():
    array = da.from_array(np.arange(250000.0).reshape(500, 500), chunks=(100, 100))
    print((array @ array.T).mean().compute(), array.std(axis=0)[:3].compute(), (array[::7, 3] + 1).sum().compute())
    print(da.linalg.svd(array[:50, :5].rechunk((10, 5)))[1].compute().round(3).tolist()[:2])
    bag = db.from_sequence(range(200), npartitions=5)
    print(bag.map(lambda v: v * 2).filter(lambda v: v % 3 == 0).sum().compute(), sorted(bag.frequencies().take(2)),
          sorted(bag.foldby(lambda v: v % 3, lambda a, v: a + v, 0).compute()))
    frame = dd.from_pandas(pd.DataFrame({"a": range(300), "b": [i % 7 for i in range(300)]}), npartitions=6)
    print(frame.groupby("b").a.sum().compute().sort_index().tolist(), frame.a.rolling(3).mean().tail(2).tolist(), len(frame),
          frame.merge(frame.groupby("b").a.max().reset_index(), on="b").a_y.sum().compute())
    total = add(1, 2)
    for k in range(50):
        total = add(total, k)
    print(total.compute(), dask.compute(*[add(k, k) for k in range(10)]))
    try:
        dask.delayed(lambda: 1 / 0)().compute()
    except ZeroDivisionError as error:
        print(error)
    print(dask.get({"x": 1, "y": (sum, ["x", "x", 5])}, "y"), dask.base.tokenize([1, "a"]) == dask.base.tokenize([1, "a"]))


with dask.config.set(scheduler="threads", num_workers=4):
    main()
