from enum import StrEnum


class RegistrationBody(StrEnum):
    CLOSED = "closed"
    INVITE = "invite"
    OPEN = "open"
    SERVICE = "service"

    def __str__(self) -> str:
        return str(self.value)
