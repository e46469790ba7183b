"""Services that nothing else uses: of a worker, or of a module that kills them or must find them untouched."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.services import Services


@contextmanager
def own_services(name: str) -> Iterator[Services]:
    """Database, broker and SMS gateway in a temporary folder; killed ones come back."""
    home = Path(tempfile.mkdtemp(prefix=f"anlan-{name}-"))
    home.chmod(0o755)
    with Services(home) as running:
        yield running
    shutil.rmtree(home)
