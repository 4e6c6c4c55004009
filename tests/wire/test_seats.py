from __future__ import annotations

import pytest

from sqlvec.core.errors import TooManyConnections
from sqlvec.core.login_role import LoginRole
from sqlvec.wire.seats import Seat, Seats

ROOT = LoginRole("root", is_superuser=True, connection_limit=0)
USER = LoginRole("user")
LIMITED = LoginRole("limited", connection_limit=1)


def test_the_last_seats_are_the_superusers() -> None:
    seats = Seats(3, reserved=1)
    seats.take(USER)
    seats.take(USER)
    with pytest.raises(TooManyConnections, match="remaining connection slots are reserved"):
        seats.take(USER)
    seats.take(ROOT)
    with pytest.raises(TooManyConnections, match="sorry, too many clients already"):
        seats.take(ROOT)
    seats.leave(USER)
    seats.take(ROOT)


def test_a_role_has_its_own_limit() -> None:
    seats = Seats(10)
    seats.take(LIMITED)
    with pytest.raises(TooManyConnections, match='too many connections for role "limited"'):
        seats.take(LIMITED)
    seats.take(USER)
    seats.leave(LIMITED)
    seats.take(LIMITED)


def test_a_seat_is_left_once() -> None:
    seats = Seats(1)
    seat = Seat(seats)
    seat.leave()
    seat.take(USER)
    seat.leave()
    seat.leave()
    seats.take(USER)
    with pytest.raises(TooManyConnections):
        seats.take(USER)
