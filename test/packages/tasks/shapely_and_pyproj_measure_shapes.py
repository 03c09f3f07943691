# with shapely pyproj
"""Geometry of shapes and projections of coordinates; in threads."""

from concurrent.futures import ThreadPoolExecutor

import shapely.affinity
import shapely.geometry as sg
from pyproj import CRS, Geod, Transformer
from shapely import wkt
from shapely.ops import unary_union
from shapely.prepared import prep
from shapely.strtree import STRtree


def overlap(k):
    circle = sg.Point(k, 0).buffer(2, 8)
    return round(circle.intersection(sg.box(0, -1, 3, 1)).area, 6), prep(circle).contains(sg.Point(3, 0))


def project(k):
    return [round(v, 3) for v in Transformer.from_crs(4326, 32633, always_xy=True).transform(15 + k / 10, 50)]


with ThreadPoolExecutor(4) as pool:
    print(list(pool.map(overlap, range(6))))
    print(list(pool.map(project, range(6))))
square = sg.Polygon([(0, 0), (2, 0), (2, 2), (0, 2)], [[(0.5, 0.5), (1, 0.5), (1, 1)]])
print(square.area, square.intersection(sg.box(1, 1, 3, 3)).wkt, square.is_valid, len(square.interiors))
print(unary_union([sg.box(k, 0, k + 1.5, 1) for k in range(3)]).wkt)
print(wkt.loads("LINESTRING (0 0, 1 1, 2 0)").length, sg.mapping(sg.MultiPoint([(0, 0), (1, 1)])))
print(shapely.affinity.rotate(square, 90, origin=(0, 0)).bounds, square.distance(sg.Point(5, 2)))
boxes = [sg.box(k, k, k + 1, k + 1) for k in range(10)]
found = STRtree(boxes).query(sg.box(2.5, 2.5, 4.2, 4.2))
print(sorted(b.bounds[0] if hasattr(b, "bounds") else float(b) for b in found))
print(CRS.from_epsg(4326).name, [round(v, 2) for v in Geod(ellps="WGS84").inv(13, 52, 2, 48)])
for wrong in (lambda: wkt.loads("POINT (x"), lambda: CRS.from_user_input("nothing"), lambda: sg.Polygon([(0, 0)])):
    try:
        wrong()
    except Exception as error:
        print(type(error).__name__)
