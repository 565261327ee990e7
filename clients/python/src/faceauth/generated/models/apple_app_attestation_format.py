from enum import StrEnum


class AppleAppAttestationFormat(StrEnum):
    APPLE_APP_ATTEST = "apple_app_attest"

    def __str__(self) -> str:
        return str(self.value)
