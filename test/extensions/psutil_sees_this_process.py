try:
    import psutil
except ModuleNotFoundError as e:
    raise SystemExit(f"skipped: {e}")
import os

p = psutil.Process()
print(p.pid == os.getpid(), p.ppid() == os.getppid(), p.num_threads() >= 1, p.memory_info().rss > 0)
print(psutil.cpu_count() == os.cpu_count(), psutil.virtual_memory().total > 0, psutil.boot_time() > 0)
print(type(p.cpu_times()).__name__, p.cpu_times()._fields, p.is_running(), p.status())
print(p.cwd() == os.getcwd(), isinstance(p.open_files(), list), p.cpu_affinity() != [])
print(isinstance(psutil.net_if_addrs(), dict), psutil.disk_usage("/").total > 0)
with p.oneshot():
    print(p.username() != "", p.nice() == os.nice(0), p.uids().real == os.getuid())
try:
    psutil.Process(2 ** 30)
except psutil.NoSuchProcess as e:
    print(type(e).__name__)
try:
    psutil.Process(-1)
except ValueError as e:
    print(e)
