"""Events of the sys module; a hook may refuse."""
import sys

log = []
refused = None


def hook(event, args):
    if event.startswith("sys."):
        log.append((event, [type(a).__name__ for a in args]))
        if event == refused:
            raise PermissionError(event)


def get_frame():
    return sys._getframe()


sys.addaudithook(hook)
get_frame()
try:
    sys._getframe(1000)
except ValueError as e:
    print(e)
calls = {
    "sys._getframe": get_frame, "sys._current_frames": sys._current_frames,
    "sys._current_exceptions": sys._current_exceptions, "sys.settrace": lambda: sys.settrace(None),
    "sys.setprofile": lambda: sys.setprofile(None),
    "sys.set_asyncgen_hook_firstiter": lambda: sys.set_asyncgen_hooks(firstiter=print),
    "sys.set_asyncgen_hook_finalizer": lambda: sys.set_asyncgen_hooks(finalizer=print),
    "both": lambda: sys.set_asyncgen_hooks(None, None), "sys.addaudithook": lambda: sys.addaudithook(print),
}
for name, call in calls.items():
    for refused in (name, None if name != "sys.addaudithook" else name):
        try:
            call()
        except PermissionError as e:
            print("refused", e)
        print(name, log, tuple(sys.get_asyncgen_hooks()))
        log.clear()
try:
    sys.set_asyncgen_hooks(5, 6)
except TypeError as e:
    print(e, log)
