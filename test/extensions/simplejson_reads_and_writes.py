try:
    import simplejson
    from simplejson import _speedups
except ModuleNotFoundError as e:
    raise SystemExit(f"skipped: {e}")
import decimal

data = {"a": [1, 2.5, None, True, "é\n\"\u2028", 2 ** 70], "b": {"c": {}, "d": []}, "e": -1e300}
text = simplejson.dumps(data, sort_keys=True)
print(text, simplejson.loads(text) == data)
print(simplejson.dumps(data, indent=2, sort_keys=True, ensure_ascii=False))
print(simplejson.loads("[1.10, 3]", use_decimal=True), simplejson.dumps(decimal.Decimal("1.10")))
print(simplejson.loads('{"a": 1, "b": [{}, {"c": "\\u00e9\\ud83d\\ude00"}]}', object_pairs_hook=list))
print(simplejson.dumps({1: 2, None: 3, 2.5: [4]}), simplejson.dumps((1, (2,))), simplejson.dumps("</script>", for_json=True))
for wrong in ('{"a": ', "[1,]", '"\\x"', "nul", '{"a" 1}', "[1] 2"):
    try:
        simplejson.loads(wrong)
    except simplejson.JSONDecodeError as e:
        print(e, e.pos, e.lineno, e.colno)
for wrong in ({(1, 2): 3}, [object], {"a": {1, 2}}):
    try:
        simplejson.dumps(wrong)
    except TypeError as e:
        print(e)
loop = []
loop.append(loop)
try:
    simplejson.dumps(loop)
except ValueError as e:
    print(e)
print(simplejson.loads(simplejson.dumps([{"k": i, "v": [str(i)] * 3} for i in range(500)]))[499])
