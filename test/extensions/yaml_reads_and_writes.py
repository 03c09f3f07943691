try:
    import yaml
    from yaml import CSafeDumper, CSafeLoader
except ModuleNotFoundError as e:
    raise SystemExit(f"skipped: {e}")

text = """
name: &n Orochi
list: [1, 2.5, true, null, 2001-01-01]
map:
  again: *n
  text: |
    two
    lines
  "é": 'x'
"""
data = yaml.load(text, Loader=CSafeLoader)
print(data)
print(yaml.dump(data, Dumper=CSafeDumper, allow_unicode=True))
print([type(e).__name__ for e in yaml.parse(text, Loader=CSafeLoader)])
print([type(t).__name__ for t in yaml.scan("a: [b, c]", Loader=CSafeLoader)])
print(yaml.compose("a: [b]", Loader=CSafeLoader))
print(list(yaml.load_all("---\n1\n---\n[2]\n", Loader=CSafeLoader)))
for wrong in ("a: [1, 2", "a: b: c", "\t- x", "*nobody", "!!python/name:os.system x"):
    try:
        yaml.load(wrong, Loader=CSafeLoader)
    except yaml.YAMLError as e:
        print(type(e).__name__, e)
many = [{"k": i, "v": [str(i)] * 3} for i in range(200)]
print(yaml.load(yaml.dump(many, Dumper=CSafeDumper), Loader=CSafeLoader) == many)
