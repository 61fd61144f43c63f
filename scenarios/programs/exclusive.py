# SPDX-License-Identifier: Apache-2.0
"""A PID file that decides by its creation alone. usage: exclusive.py FILE"""

import os
import sys

try:
    file = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
except FileExistsError:
    os.write(1, b"busy\n")
    sys.exit(1)
os.write(file, b"%d\n" % os.getpid())
os.close(file)
os.write(1, b"acquired\n")
os.read(0, 1)
os.unlink(sys.argv[1])
os.write(1, b"released\n")
