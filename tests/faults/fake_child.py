"""The building child process with an embedder that counts words, for tests that start and kill it."""

from __future__ import annotations

import sys

from index.child import serve
from tests.fakes import fake_model

if __name__ == "__main__":
    sys.exit(serve(sys.argv[1], fake_model))
