from enum import StrEnum


class ActionBody(StrEnum):
    BLINK = "blink"
    LOOK_UP = "look_up"
    MOVE_CLOSER = "move_closer"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"

    def __str__(self) -> str:
        return str(self.value)
