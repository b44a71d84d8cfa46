"""The live server: training sessions, the protocol that drives them, and the web around both.

Reading order: `protocol` (what is said), `session` and `frames` (one training session, without
socket, clock or thread), `worker` (a session in a process of its own), `room` and `hub` (who
watches what), `gate` and `app` (HTTP and WebSocket), `cli` (the command). Nothing here knows
calculus: that is `engine`.
"""

import os

# One BLAS thread per process: the networks are small, sessions are many, and the operating system
# shares out the cores. The libraries read these once, when NumPy is first imported.
for _library in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM", "BLIS"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"
