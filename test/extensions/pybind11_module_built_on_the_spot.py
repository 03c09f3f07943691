import gc
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from building import FOLDER, compile_library, path

if not os.path.exists("/usr/include/pybind11/pybind11.h"):
    raise SystemExit("skipped: no pybind11")
SOURCE = r'''
#include <pybind11/functional.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
namespace py = pybind11;
struct Animal {
    virtual ~Animal() = default;
    virtual std::string sound() const { return "..."; }
    std::string twice() const { return sound() + sound(); }
};
struct Bridge : Animal {
    using Animal::Animal;
    std::string sound() const override { PYBIND11_OVERRIDE(std::string, Animal, sound, ); }
};
struct Point {
    double x, y;
    Point operator+(const Point &o) const { return {x + o.x, y + o.y}; }
};
enum class Color { red, green };
PYBIND11_MODULE(pb_mod, m) {
    m.doc() = "test";
    m.def("add", [](int a, int b) { return a + b; }, py::arg("a"), py::arg("b") = 5, "Adds.");
    m.def("add", [](std::string a, std::string b) { return a + b; });
    m.def("apply", [](const std::function<int(int)> &f, int x) { return f(x) + 1; });
    m.def("reverse", [](std::vector<int> v) { return std::vector<int>(v.rbegin(), v.rend()); });
    m.def("count", [](const std::map<std::string, int> &d) { int n = 0; for (auto &p : d) n += p.second; return n; });
    m.def("fail", [](int n) { if (n == 1) throw std::runtime_error("bad"); if (n == 2) throw py::index_error("idx"); throw py::value_error("val"); });
    m.def("kinds", [](py::args a, py::kwargs k) { return py::make_tuple(a.size(), k.size()); });
    m.def("released", [](int n) { py::gil_scoped_release r; long s = 0; for (int i = 0; i < n; i++) s += i; return s; });
    py::class_<Point>(m, "Point").def(py::init<double, double>()).def_readwrite("x", &Point::x).def_readwrite("y", &Point::y)
        .def("__add__", &Point::operator+)
        .def("__repr__", [](const Point &p) { return "Point(" + std::to_string(p.x) + ")"; })
        .def_static("origin", [] { return Point{0, 0}; })
        .def_property_readonly("norm2", [](const Point &p) { return p.x * p.x + p.y * p.y; });
    py::class_<Animal, Bridge>(m, "Animal", py::dynamic_attr()).def(py::init<>()).def("sound", &Animal::sound).def("twice", &Animal::twice);
    py::enum_<Color>(m, "Color").value("red", Color::red).value("green", Color::green);
    py::register_exception<std::domain_error>(m, "DomainError");
    m.def("domain", [] { throw std::domain_error("d"); });
    m.attr("answer") = 42;
}
'''
with open(path("pb_mod.cpp"), "w") as f:
    f.write(SOURCE)
compile_library("pb_mod", "pb_mod.cpp", "-O0", "-std=c++17", "-fvisibility=hidden", compiler="g++")
sys.path.insert(0, FOLDER.name)
import pb_mod as m

print(m.__doc__, m.answer, m.add(1), m.add(1, b=2), m.add("a", "b"), m.add.__doc__)
print(m.apply(lambda x: x * 2, 10), m.reverse([1, 2, 3]), m.count({"a": 1, "b": 2}), m.kinds(1, 2, x=3), m.released(1000))
p = m.Point(1, 2) + m.Point(3, 4)
p.x += 0.5
print(p, p.x, p.norm2, m.Point.origin(), m.Point.__name__, type(m.Point).__name__)


class Dog(m.Animal):
    def sound(self):
        return "woof"


d = Dog()
d.me = d
print(d.sound(), d.twice(), m.Animal().twice(), d.me is d)
a = m.Animal()
a.me, a.name = a, "cat"
gc.collect()
print(a.me.name, sorted(a.__dict__), vars(d) == {"me": d})
print(m.Color.red, m.Color.green.name, int(m.Color.green), m.Color.__members__, m.Color(1) == m.Color.green)
for wrong in (lambda: m.fail(1), lambda: m.fail(2), lambda: m.fail(3), lambda: m.add(1.5), lambda: m.add(),
              lambda: p.z, lambda: m.apply(lambda x: 1 / 0, 1), lambda: m.reverse(["x"]), lambda: m.domain(), lambda: m.Point("a", 1)):
    try:
        print(wrong())
    except Exception as e:
        print(type(e).__name__, e)
print(sum(m.Point(i, 0).x for i in range(3000)))
