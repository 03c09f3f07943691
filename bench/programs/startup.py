"""Start-up: imports what a small command-line program imports."""
import argparse
import collections
import json
import logging
import os
import re
import threading

parser = argparse.ArgumentParser()
parser.add_argument("--level", default="INFO")
options = parser.parse_args([])
logging.getLogger(__name__).setLevel(options.level)
print(os.path.basename(__file__), json.dumps(collections.OrderedDict(a=1)),
      re.match("st", "startup").group(), threading.current_thread().name)
