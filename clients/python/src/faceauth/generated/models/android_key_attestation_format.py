from enum import StrEnum


class AndroidKeyAttestationFormat(StrEnum):
    ANDROID_KEY = "android_key"

    def __str__(self) -> str:
        return str(self.value)
