try:
    import pandas as pd
except ModuleNotFoundError as e:
    raise SystemExit(f"skipped: {e}")
import io

frame = pd.DataFrame({"k": ["a", "b", "a", "c"], "v": [1, 2, 3, 4.5], "w": [1, 2, 3, 4]})
print(frame.groupby("k").sum())
print(frame.groupby("k").agg({"v": "mean", "w": ["min", "max"]}))
print(frame.groupby("k")["v"].apply(lambda column: column.max() - column.min()))
print(frame.describe())
print(frame.merge(pd.DataFrame({"k": ["a", "c"], "x": [10, 20]}), on="k", how="left"))
print(frame.pivot_table(index="k", values="v", aggfunc="sum").T)
print(frame.sort_values(["k", "v"], ascending=[True, False]).reset_index(drop=True))
days = pd.date_range("2024-01-30", periods=5, freq="D")
series = pd.Series(range(5), index=days)
print(series.resample("M").sum(), series.rolling(2).mean(), series["2024-02"], sep="\n")
print(pd.read_csv(io.StringIO("a,b,when\n1,x,2024-01-02\n3,,2024-05-06\n"), parse_dates=["when"]).dtypes)
print(frame.to_csv(index=False), frame.to_json(), sep="\n")
print(frame["k"].str.upper().astype("category").cat.codes.tolist(), pd.concat([frame, frame]).shape)
print(pd.Timestamp("2024-03-10 12:30", tz="Europe/Berlin") + pd.Timedelta("36h"), pd.to_numeric(["1", "2.5"]))
try:
    frame["missing"]
except KeyError as e:
    print("KeyError", e)
