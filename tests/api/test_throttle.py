from otolith.api.throttle import KNOWN_FAILURES, UNKNOWN, UNKNOWN_FAILURES, WINDOW_S, LoginThrottle
from otolith.service.clock import VirtualClock


def test_strangers_share_one_allowance_that_comes_back() -> None:
    clock = VirtualClock()
    throttle = LoginThrottle(clock)
    for _ in range(UNKNOWN_FAILURES):
        assert throttle.wait(UNKNOWN) == 0
        throttle.failed(UNKNOWN)
    assert throttle.wait(UNKNOWN) == WINDOW_S


async def test_an_allowance_comes_back_with_time() -> None:
    clock = VirtualClock()
    throttle = LoginThrottle(clock)
    for _ in range(UNKNOWN_FAILURES):
        throttle.failed(UNKNOWN)
    await clock.advance(WINDOW_S)
    assert throttle.wait(UNKNOWN) == 0


def test_strangers_cannot_lock_a_known_device_out() -> None:
    throttle = LoginThrottle(VirtualClock())
    device = throttle.device(throttle.new_device())
    for _ in range(UNKNOWN_FAILURES):
        throttle.failed(UNKNOWN)
    assert device != UNKNOWN
    assert throttle.wait(device) == 0


def test_a_known_device_is_slowed_down_for_itself_alone_until_it_logs_in() -> None:
    throttle = LoginThrottle(VirtualClock())
    device, other = (throttle.device(throttle.new_device()) for _ in range(2))
    for _ in range(KNOWN_FAILURES):
        throttle.failed(device)
    assert throttle.wait(device) > 0
    assert throttle.wait(other) == 0
    throttle.succeeded(device)
    assert throttle.wait(device) == 0


def test_a_forged_device_is_a_stranger() -> None:
    throttle = LoginThrottle(VirtualClock())
    name, _, signature = throttle.new_device().partition(".")
    foreign = LoginThrottle(VirtualClock()).new_device()
    for cookie in ("", ".", name, f"{name}.{signature[:-1]}", f"x{name}.{signature}", f"{name}.é", foreign):
        assert throttle.device(cookie) == UNKNOWN
