from enum import StrEnum


class SecondFactorModeBody(StrEnum):
    OFF = "off"
    OFFERED = "offered"
    REQUIRED = "required"

    def __str__(self) -> str:
        return str(self.value)
