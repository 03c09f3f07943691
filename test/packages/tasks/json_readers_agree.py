# with ujson simplejson rapidjson
"""Three compiled JSON modules: round trips, hooks, odd numbers, errors; in threads."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import rapidjson
import simplejson
import ujson

DOCUMENT = {"a": [1, 2.5, None, True, "ä\u2028\"<"], "b": {str(k): [k] * 3 for k in range(200)}, "c": -10 ** 17, "": {}}


def trip(k):
    document = dict(DOCUMENT, k=k)
    return all(m.loads(m.dumps(document)) == document for m in (json, ujson, simplejson, rapidjson))


with ThreadPoolExecutor(4) as pool:
    print(list(pool.map(trip, range(40))))
print(ujson.dumps(DOCUMENT["a"]), simplejson.dumps(DOCUMENT["a"]), rapidjson.dumps(DOCUMENT["a"]))
print(ujson.dumps({"b": 1, "a": "</x>"}, sort_keys=True, encode_html_chars=True, indent=2))
print(simplejson.loads("[1.10, 2]", use_decimal=True), simplejson.dumps([Decimal("1.20")]),
      simplejson.loads('{"a": 1, "a": 2}', object_pairs_hook=list))
print(rapidjson.dumps([date(2024, 1, 2)], datetime_mode=rapidjson.DM_ISO8601), rapidjson.loads("[1, /* c */ 2,]",
      parse_mode=rapidjson.PM_COMMENTS | rapidjson.PM_TRAILING_COMMAS))


class Own:
    def __json__(self):
        return '["own"]'


print(ujson.dumps([Own()]), ujson.dumps([{1}], default=sorted), simplejson.dumps({1}, default=list))
for module in ujson, simplejson, rapidjson:
    for text in '{"a": }', "[1, 2", '"\\ud800"', "nul", "", "[" * 2000:
        try:
            print(module.__name__, repr(module.loads(text)))
        except (ValueError, RecursionError) as error:
            print(module.__name__, type(error).__name__, str(error)[:40])
    loop = []
    loop.append(loop)
    for wrong in loop, {"a": object()}:
        try:
            module.dumps(wrong)
        except Exception as error:
            print(module.__name__, type(error).__name__, str(error)[:20])
