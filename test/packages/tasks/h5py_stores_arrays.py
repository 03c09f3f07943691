# with h5py
"""Groups, attributes, compressed and growing datasets, compound types, links; several threads."""

import os
import tempfile
import threading

import h5py
import numpy as np


def show(name, item):
    print(name, item.shape if isinstance(item, h5py.Dataset) else "group", dict(item.attrs))


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "data.h5")
    with h5py.File(path, "w") as file:
        grid = file.create_dataset("deep/grid", data=np.arange(100).reshape(10, 10), compression="gzip", chunks=(5, 5))
        grid.attrs["unit"] = "m"
        grid.attrs["limits"] = [0, 99]
        growing = file.create_dataset("growing", (0,), maxshape=(None,), dtype="f8")
        for k in range(5):
            growing.resize((growing.shape[0] + 10,))
            growing[-10:] = k
        rows = np.zeros(3, dtype=[("n", "i4"), ("x", "f8"), ("s", "S5")])
        rows["n"], rows["s"] = [1, 2, 3], b"abc"
        file["rows"] = rows
        file.create_dataset("text", data=["ä", "long " * 10], dtype=h5py.string_dtype())
        file["soft"] = h5py.SoftLink("/deep/grid")
        file["deep"].attrs["empty"] = h5py.Empty("f")
    with h5py.File(path, "r+") as file:
        file.visititems(show)
        print(file["soft"][2:4, ::3].tolist(), file["growing"][8:12].tolist(), file["rows"]["n"].tolist(), file["rows"][1])
        print(file["text"].asstr()[:].tolist(), "deep/grid" in file, list(file), file["deep/grid"].compression)
        print(file["deep/grid"][file["deep/grid"][:, 0] > 70].shape, file["deep/grid"][[1, 5], 2].tolist())
        del file["growing"]
        print(sorted(file.keys()), file["/deep"].parent.name)
        try:
            file["none"]
        except KeyError as error:
            print(error)
        sums = [None] * 8

        def add(k):
            sums[k] = int(file["deep/grid"][k].sum())
            file.create_dataset(f"made/{k}", data=np.full(1000, k))

        threads = [threading.Thread(target=add, args=(k,)) for k in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        print(sums, sum(int(item[:].sum()) for item in file["made"].values()))
    try:
        file["deep"]
    except ValueError as error:
        print(error)
    try:
        h5py.File(os.path.join(folder, "none"), "r")
    except OSError as error:
        print(str(error)[:20])
