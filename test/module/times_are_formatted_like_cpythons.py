"""time: conversions, formatting, errors."""
import time


def attempt(f, *args):
    try:
        print(f.__name__, args, f(*args))
    except Exception as e:
        print(f.__name__, args, type(e).__name__, e)


for t in (0, 1e9, -1.5, 2**40, 1e30, float('nan'), 'x', None and 0):
    attempt(time.gmtime, t) if t is not None else None
t = time.gmtime(1234567890)
print(t, t.tm_zone, t.tm_gmtoff, len(t), t[:6])
attempt(time.asctime, t)
attempt(time.strftime, '%Y-%m-%d %H:%M:%S %a %A %b %B %j %U %w %% é', t)
attempt(time.strftime, '', t)
attempt(time.strftime, '%Y', (2000, 13, 1, 0, 0, 0, 0, 1, 0))
attempt(time.strftime, '%Y', (2000, 1, 1))
attempt(time.strftime, '%Y', 5)
attempt(time.mktime, (1970, 1, 2, 0, 0, 0, 0, 0, 0))
attempt(time.strptime, '2001-02-03', '%Y-%m-%d')
attempt(time.strptime, 'x', '%Y')
attempt(time.sleep, -1)
attempt(time.sleep, 'x')
attempt(time.get_clock_info, 'monotonic')
attempt(time.get_clock_info, 'x')
attempt(time.struct_time, range(9))
attempt(time.struct_time, range(5))
attempt(time.clock_gettime, 12345)
print(time.monotonic() <= time.monotonic(), time.time_ns() > 10**18, time.perf_counter() > 0)
print(time.process_time() >= 0, time.thread_time_ns() >= 0, isinstance(time.tzname, tuple))
