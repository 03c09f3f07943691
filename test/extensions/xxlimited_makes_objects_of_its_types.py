import xxlimited
print(xxlimited.Xxo, xxlimited.foo(3,4))
x = xxlimited.Xxo()
x.a = 5
print(x.a, x.demo(3))
try:
    x.b
except AttributeError as e: print(e)
try:
    xxlimited.foo("a", 1)
except TypeError as e: print(e)
import gc
for i in range(3000):
    y = xxlimited.Xxo(); y.z = i
gc.collect()
print(xxlimited.Str("abc"))
