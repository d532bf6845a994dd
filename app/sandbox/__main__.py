"""Starts the sandbox server from a shell.

Invariant: nothing but the one JSON line of `server.main` reaches standard output.
"""

import sys

from app.sandbox.server import main

sys.exit(main(sys.argv[1:]))
