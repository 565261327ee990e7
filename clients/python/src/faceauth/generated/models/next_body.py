from enum import StrEnum


class NextBody(StrEnum):
    REGISTER_PASSKEY = "register_passkey"
    SHOW_PASSKEY = "show_passkey"

    def __str__(self) -> str:
        return str(self.value)
