from enum import StrEnum


class PurposeBody(StrEnum):
    REGISTER = "register"
    VERIFY = "verify"

    def __str__(self) -> str:
        return str(self.value)
