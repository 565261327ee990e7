"""The sample of the README, run."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from faceauth import FaceAuth, Refused, SignedInBody

README = Path(__file__).parent.parent / "README.md"


def test_the_sample_signs_somebody_in(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    photos: Path,
    name: str,
) -> None:
    samples = re.findall(r"^```python\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    Path("ada.jpg").write_bytes((photos / "obama.jpg").read_bytes())
    Path("ada-today.jpg").write_bytes((photos / "obama2.jpg").read_bytes())
    code = samples[0].replace("https://auth.example.org", os.environ["FACEAUTH_BASE_URL"])
    names: dict[str, object] = {}
    exec(code.replace('"ada"', repr(name)), names)
    assert isinstance(names.get("tokens"), SignedInBody), capsys.readouterr().out
    # The session has ended by now.
    with pytest.raises(Refused):
        exec(samples[1], names)
    service = names["service"]
    assert isinstance(service, FaceAuth)
    service.close()
