# with gi
"""GLib's main loop, signals of a GObject class, properties, GVariant, files of Gio."""

import gi

gi.require_version("GLib", "2.0")
import os
import tempfile
import threading

from gi.repository import Gio, GLib, GObject


class Account(GObject.Object):
    __gsignals__ = {"paid": (GObject.SignalFlags.RUN_FIRST, None, (int, str))}
    balance = GObject.Property(type=int, default=5, minimum=0, maximum=100)

    @GObject.Property(type=str)
    def title(self):
        return f"account with {self.balance}"

    def do_paid(self, amount, name):
        self.balance += amount


account, seen = Account(), []
account.connect("paid", lambda a, amount, name: seen.append((amount, name, a.balance)))
account.connect("notify::balance", lambda a, spec: seen.append(spec.name))
account.emit("paid", 7, "rent")
account.props.balance = 50
print(seen, account.title, account.get_property("balance"), [p.name for p in Account.list_properties()])
try:
    account.emit("lost")
except TypeError as error:
    print(str(error).rpartition(": ")[2])

loop, ticks = GLib.MainLoop(), []


def tick(limit):
    ticks.append(len(ticks))
    if len(ticks) == limit:
        GLib.idle_add(loop.quit)
    return len(ticks) < limit


threading.Thread(target=lambda: GLib.idle_add(lambda: ticks.append("from a thread") and None)).start()
GLib.timeout_add(2, tick, 6)
loop.run()
print(len(ticks), ticks.count("from a thread"))

variant = GLib.Variant("(sa{sv}ai)", ("text", {"key": GLib.Variant("d", 1.5)}, [1, 2, 3]))
print(variant, variant.unpack(), variant.get_type_string(), len(variant), variant[2][1])
with tempfile.TemporaryDirectory() as folder:
    file = Gio.File.new_for_path(os.path.join(folder, "name"))
    file.replace_contents(b"some bytes", None, False, Gio.FileCreateFlags.NONE, None)
    print(file.load_contents(None)[1], file.query_info("standard::*", 0, None).get_size())
    try:
        Gio.File.new_for_path(os.path.join(folder, "none")).load_contents(None)
    except GLib.Error as error:
        print(error.domain, error.code, error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.NOT_FOUND))
key_file = GLib.KeyFile()
key_file.load_from_data("[a]\nb=1\nc=x;y;\n", 14, GLib.KeyFileFlags.NONE)
print(key_file.get_integer("a", "b"), key_file.get_string_list("a", "c"), key_file.get_groups()[0])
binding_target = Account()
account.bind_property("balance", binding_target, "balance", GObject.BindingFlags.SYNC_CREATE)
account.balance = 77
print(binding_target.balance, GLib.markup_escape_text("<&>"), GObject.type_name(Account.__gtype__)[-7:])
