"""FaceAuth from Python: sign people in by their faces.

`FaceAuth` has a method for each step that most programs need. Every other endpoint is a function in
`faceauth.generated.api`, which takes the client that `FaceAuth.client` and `FaceAuth.signed_in`
answer. A refusal of the service is the exception `Refused` in both.
"""

from ._faceauth import FaceAuth, Picture
from ._refusals import FaceAuthError, Refused, Unexpected
from .generated.models import (
    BatchItem,
    BatchResult,
    ConsentBody,
    ErrorCode,
    RegisterResponse,
    SecondFactorBody,
    SignedInBody,
    VerifyResponse,
)

__all__ = [
    "BatchItem",
    "BatchResult",
    "ConsentBody",
    "ErrorCode",
    "FaceAuth",
    "FaceAuthError",
    "Picture",
    "Refused",
    "RegisterResponse",
    "SecondFactorBody",
    "SignedInBody",
    "Unexpected",
    "VerifyResponse",
]
