"""What the tests run against: a service that keeps nothing. `./dev test clients` starts it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from faceauth import FaceAuth


@pytest.fixture(scope="session")
def service() -> Iterator[FaceAuth]:
    """The service, as an app without a key calls it."""
    with FaceAuth(os.environ["FACEAUTH_BASE_URL"]) as service:
        yield service


@pytest.fixture(scope="session")
def trusted() -> Iterator[FaceAuth]:
    """The service, as another service with a key calls it."""
    key = os.environ["FACEAUTH_API_KEY"]
    with FaceAuth(os.environ["FACEAUTH_BASE_URL"], api_key=key) as service:
        yield service


@pytest.fixture(scope="session")
def photos() -> Path:
    """The folder of the photos."""
    return Path(os.environ["FACEAUTH_PHOTOS"])


@pytest.fixture
def name() -> str:
    """The name of nobody yet."""
    return "python-" + secrets.token_hex(6)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says the counts as `./dev test` reads them."""
    counted = terminalreporter.stats
    failed = len(counted.get("failed", [])) + len(counted.get("error", []))
    terminalreporter.write_line(f"# pass {len(counted.get('passed', []))}")
    terminalreporter.write_line(f"# fail {failed}")
