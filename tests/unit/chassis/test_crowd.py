"""Who counts as one client, and how many of one there may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.http.crowd import Crowd, forwarded_for, place_of

addresses = st.sampled_from(["a", "b", "c", None])


@given(st.lists(addresses, max_size=40), st.integers(1, 5), st.integers(1, 10))
def test_nobody_has_more_than_its_share_and_all_together_no_more_than_all(
    came: list[str | None], most_each: int, most: int
) -> None:
    crowd = Crowd(most_each, most)
    here = [address for address in came if crowd.enter(address)]

    assert len(here) == crowd.size <= most
    assert all(here.count(name) <= most_each for name in here if name is not None)
    for address in here:
        crowd.leave(address)
    assert crowd.size == 0
    assert crowd.enter("a")


def test_who_leaves_makes_room_for_one_of_the_same_address() -> None:
    crowd = Crowd(1, 10)
    assert crowd.enter("a")
    assert not crowd.enter("a")
    assert crowd.enter("b")
    crowd.leave("a")
    assert crowd.enter("a")


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("/run/socket", "/run/socket"),
    ],
)
def test_an_ipv6_network_is_one_client(address: str, place: str) -> None:
    assert place_of(address) == place


@pytest.mark.parametrize(
    ("values", "hops", "client"),
    [
        ([b"192.0.2.1"], 1, "192.0.2.1"),
        ([b"8.8.8.8, 192.0.2.1"], 1, "192.0.2.1"),
        ([b"8.8.8.8", b"192.0.2.1, 10.0.0.1"], 2, "192.0.2.1"),
        ([b"192.0.2.1:4711"], 1, "192.0.2.1"),
        ([b"[2001:db8::1]:4711"], 1, "2001:db8::/64"),
        ([b"10.0.0.1"], 2, None),
        ([b""], 1, None),
    ],
)
def test_only_what_our_own_proxies_added_is_believed(
    values: list[bytes], hops: int, client: str | None
) -> None:
    assert forwarded_for(values, hops) == client
