"""Roots and proofs against the published vectors of Certificate Transparency, against the recursive definitions of the
RFC written out, and against everything that is not a proof.
"""

from __future__ import annotations

import hashlib
import random

import pytest

from outcross.core.errors import BadInput, NotProven
from outcross.vault.merkle import (
    EMPTY,
    Frontier,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root,
    root_from_path,
    verify_consistency,
    verify_inclusion,
)

# The reference tree of the Certificate Transparency code (github.com/google/certificate-transparency and trillian).
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
REFERENCE = [leaf_hash(bytes.fromhex(data)) for data in INPUTS]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAF_0, LEAF_1, LEAF_4 = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
)
NODE_23, NODE_45, NODE_67 = (
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
)
NODE_0123, NODE_4567 = ROOTS[4], "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
INCLUSION = [
    (0, 1, []),
    (0, 8, [LEAF_1, NODE_23, NODE_4567]),
    (5, 8, [LEAF_4, NODE_67, NODE_0123]),
    (2, 3, [ROOTS[2]]),
    (1, 5, [LEAF_0, NODE_23, LEAF_4]),
]
CONSISTENCY = [
    (1, 1, []),
    (1, 8, [LEAF_1, NODE_23, NODE_4567]),
    (2, 8, [NODE_23, NODE_4567]),
    (6, 8, [NODE_45, NODE_67, NODE_0123]),
    (2, 5, [NODE_23, LEAF_4]),
]

# A certificate in a public log, from the tests of the same code (python/ct/crypto/merkle_test.py): leaf, index, size.
LOGGED = "7a395c866d5ecdb0cccb623e011dbc392cd348d1d1d72776174e127a24b09c78", 848049, 3630887
LOGGED_ROOT = "78316a05c9bcf14a3a4548f5b854a9adfcd46a4c034401b3ce7eb7ac2f1d0ecb"
LOGGED_PATH = """
    1a208aeebcd1b39fe2de247ee8db9454e1e93a312d206b87f6ca9cc6ec6f1ddd
    0a1b78b383f580856f433c01a5741e160d451c185910027f6cc9f828687a40c4
    3d1745789bc63f2da15850de1c12a5bf46ed81e1cc90f086148b1662e79aab3d
    9095b61e14d8990acf390905621e62b1714fb8e399fbb71de5510e0aef45affe
    0a332b91b8fab564e6afd1dd452449e04619b18accc0ff9aa8393cd4928451f2
    2336f0181d264aed6d8f3a6507ca14a8d3b3c3a23791ac263e845d208c1ee330
    b4ce56e300590500360c146c6452edbede25d4ed83919278749ee5dbe178e048
    933f6ddc848ea562e4f9c5cfb5f176941301dad0c6fdb9d1fbbe34fac1be6966
    b95a6222958a86f74c030be27c44f57dbe313e5e7c7f4ffb98bcbd3a03bb52f2
    daeeb3ce5923defd0faeb8e0c210b753b85b809445d7d3d3cd537a9aabaa9c45
    7fadd0a13e9138a2aa6c3fdec4e2275af233b94812784f66bcca9aa8e989f2bc
    1864e6ba3e32878610546539734fb5eeae2529991f130c575c73a7e25a2a7c56
    12842d1202b1dc6828a17ab253c02e7ce9409b5192430feba44189f39cc02d66
    29af64b16fa3053c13d02ac63aa75b23aa468506e44c3a2315edc85d2dc22b11
    b527b99934a0bd9edd154e449b0502e2c499bba783f3bc3dfe23364b6b532009
    4584db8ae8e351ace08e01f306378a92bfd43611714814f3d834a2842d69faa8
    86a9a41573b0d6e4292f01e93243d6cc65b30f06606fc6fa57390e7e90ed580f
    a88b98fbe84d4c6aae8db9d1605dfac059d9f03fe0fcb0d5dff1295dacba09e6
    06326dc617a6d1f7021dc536026dbfd5fffc6f7c5531d48ef6ccd1ed1569f2a1
    f41fe8fdc3a2e4e8345e30216e7ebecffee26ff266eeced208a6c2a3cf08f960
    40cf5bde8abb76983f3e98ba97aa36240402975674e120f234b3448911090f8d
    b3222dc8658538079883d980d7fdc2bef9285344ea34338968f736b04aeb387a
"""

LARGEST = 70
LEAVES = [leaf_hash(str(i).encode()) for i in range(LARGEST)]
SIZES = range(LARGEST + 1)


def split(count: int) -> int:
    """The largest power of two below a number."""
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def mth(leaves: list[bytes]) -> bytes:
    """Section 2.1.1, leaves hashed already."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """Section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], b: bool) -> list[bytes]:
    """Section 2.1.4.1."""
    if m == len(leaves):
        return [] if b else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], b), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def sides(m: int, size: int) -> list[str]:
    """On which side the siblings of a leaf stand."""
    if size == 1:
        return []
    k = split(size)
    return [*sides(m, k), "right"] if m < k else [*sides(m - k, size - k), "left"]


def test_the_hash_of_a_leaf_is_that_of_the_reference() -> None:
    data = bytes.fromhex("101112131415161718191a1b1c1d1e1f")
    assert leaf_hash(data).hex() == "3bfb960453ebaebf33727da7a1f4db38acc051d381b6da20d6d4e88f0eabfd7a"


def test_the_hash_of_a_node_is_that_of_the_reference() -> None:
    left, right = bytes(range(32)), bytes(range(32, 64))
    assert node_hash(left, right).hex() == "1a378704c17da31e2d05b6d121c2bb2c7d76f6ee6fa8f983e596c2d034963c57"


@pytest.mark.parametrize("size", range(9))
def test_the_roots_of_the_reference_tree(size: int) -> None:
    assert root(REFERENCE[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "expected"), INCLUSION)
def test_inclusion_in_the_reference_tree(index: int, size: int, expected: list[str]) -> None:
    assert [hashed.hex() for hashed in inclusion_path(REFERENCE[:size], index)] == expected
    verify_inclusion(REFERENCE[index], index, size, list(map(bytes.fromhex, expected)), bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "new", "expected"), CONSISTENCY)
def test_consistency_of_the_reference_tree(old: int, new: int, expected: list[str]) -> None:
    assert [hashed.hex() for hashed in consistency_path(REFERENCE[:new], old)] == expected
    roots = bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new])
    verify_consistency(old, roots[0], new, roots[1], list(map(bytes.fromhex, expected)))


def test_a_certificate_of_a_public_log() -> None:
    leaf, index, size = LOGGED
    hashes = [bytes.fromhex(line) for line in LOGGED_PATH.split()]
    verify_inclusion(bytes.fromhex(leaf), index, size, hashes, bytes.fromhex(LOGGED_ROOT))
    for other in (index - 1, index + 1, index ^ 1 << 20):
        with pytest.raises(NotProven):
            verify_inclusion(bytes.fromhex(leaf), other, size, hashes, bytes.fromhex(LOGGED_ROOT))


def test_roots_are_those_of_the_definition() -> None:
    assert [root(LEAVES[:size]) for size in SIZES] == [mth(LEAVES[:size]) for size in SIZES]
    assert root(iter(LEAVES)) == mth(LEAVES)


def test_a_tree_may_grow_in_any_steps() -> None:
    for size in SIZES:
        for first in range(size + 1):
            grown = Frontier().extend(LEAVES[:first]).extend(LEAVES[first:size])
            assert grown == Frontier().extend(LEAVES[:size])
            assert (grown.size, grown.root()) == (size, mth(LEAVES[:size]))
    one_by_one = Frontier()
    for leaf in LEAVES:
        one_by_one = one_by_one.append(leaf)
    assert one_by_one == Frontier().extend(LEAVES)


def test_peaks_go_from_the_largest_to_the_smallest() -> None:
    assert Frontier().extend(LEAVES[:13]).peaks == (mth(LEAVES[:8]), mth(LEAVES[8:12]), LEAVES[12])


def test_inclusion_paths_are_those_of_the_definition() -> None:
    for size in SIZES:
        for index in range(size):
            found = inclusion_path(LEAVES[:size], index)
            assert list(found) == path(index, LEAVES[:size])
            verify_inclusion(LEAVES[index], index, size, found, mth(LEAVES[:size]))


def test_consistency_paths_are_those_of_the_definition() -> None:
    for new in SIZES:
        for old in range(1, new + 1):
            found = consistency_path(LEAVES[:new], old)
            assert list(found) == subproof(old, LEAVES[:new], True)
            verify_consistency(old, mth(LEAVES[:old]), new, mth(LEAVES[:new]), found)


def flipped(hashed: bytes, bit: int) -> bytes:
    return (int.from_bytes(hashed) ^ 1 << bit).to_bytes(32)


def spoilt(found: tuple[bytes, ...], rng: random.Random) -> list[tuple[bytes, ...]]:
    """A path with a bit flipped, a hash too many or too few, two of them swapped, one cut off."""
    one = [(*found[:i], flipped(found[i], rng.randrange(256)), *found[i + 1 :]) for i in range(len(found))]
    less = [(*found[:i], *found[i + 1 :]) for i in range(len(found))]
    more = [(*found[:i], LEAVES[0], *found[i:]) for i in range(len(found) + 1)]
    swapped = [(*found[:i], found[i + 1], found[i], *found[i + 2 :]) for i in range(len(found) - 1)]
    cut = [(*found[:-1], found[-1][:-1]), (*found[:-1], found[-1] + b"\0")] if found else []
    return [*one, *less, *more, *swapped, *cut]


def test_no_spoilt_path_proves_inclusion() -> None:
    rng = random.Random(0)
    for size in range(1, 22):
        for index in range(size):
            for other in spoilt(inclusion_path(LEAVES[:size], index), rng):
                with pytest.raises(NotProven):
                    verify_inclusion(LEAVES[index], index, size, other, mth(LEAVES[:size]))


def test_no_bit_of_a_proof_may_change() -> None:
    found, whole = inclusion_path(LEAVES[:11], 5), mth(LEAVES[:11])
    for bit in range(256):
        with pytest.raises(NotProven):
            verify_inclusion(flipped(LEAVES[5], bit), 5, 11, found, whole)
        with pytest.raises(NotProven):
            verify_inclusion(LEAVES[5], 5, 11, found, flipped(whole, bit))
        for i in range(len(found)):
            with pytest.raises(NotProven):
                verify_inclusion(LEAVES[5], 5, 11, (*found[:i], flipped(found[i], bit), *found[i + 1 :]), whole)


def test_a_path_proves_one_index_and_one_leaf() -> None:
    for size in range(1, 25):
        for index in range(size):
            found = inclusion_path(LEAVES[:size], index)
            for other in range(-1, size + 2):
                if other != index:
                    with pytest.raises(NotProven):
                        verify_inclusion(LEAVES[index], other, size, found, mth(LEAVES[:size]))
                if 0 <= other < size and other != index:
                    with pytest.raises(NotProven):
                        verify_inclusion(LEAVES[other], index, size, found, mth(LEAVES[:size]))


def test_a_path_proves_nothing_of_a_tree_of_another_shape() -> None:
    """The sizes that put a leaf's siblings on the same sides cannot be told apart: the signed checkpoint does that."""
    for size in range(1, 22):
        for index in range(size):
            found = inclusion_path(LEAVES[:size], index)
            for other in range(22):
                if other > index and sides(index, other) == sides(index, size):
                    assert root_from_path(LEAVES[index], index, other, found) == mth(LEAVES[:size])
                else:
                    with pytest.raises(NotProven):
                        verify_inclusion(LEAVES[index], index, other, found, mth(LEAVES[:size]))


def test_an_inner_node_is_no_leaf() -> None:
    found = inclusion_path(LEAVES[:4], 0)
    with pytest.raises(NotProven):
        verify_inclusion(node_hash(*LEAVES[:2]), 0, 4, found[1:], mth(LEAVES[:4]))


def test_no_spoilt_path_proves_consistency() -> None:
    rng = random.Random(1)
    for new in range(1, 22):
        for old in range(1, new + 1):
            for other in spoilt(consistency_path(LEAVES[:new], old), rng):
                with pytest.raises(NotProven):
                    verify_consistency(old, mth(LEAVES[:old]), new, mth(LEAVES[:new]), other)


def test_a_path_proves_the_consistency_of_two_sizes_alone() -> None:
    roots = [mth(LEAVES[:size]) for size in SIZES]
    for new in range(1, 20):
        for old in range(1, new):
            found = consistency_path(LEAVES[:new], old)
            for other in range(20):
                if other != old:
                    with pytest.raises(NotProven):
                        verify_consistency(other, roots[other], new, roots[new], found)
                if other != new:
                    with pytest.raises(NotProven):
                        verify_consistency(old, roots[old], other, roots[other], found)
            with pytest.raises(NotProven):
                verify_consistency(old, roots[new], new, roots[old], found)


def test_a_changed_past_is_not_consistent() -> None:
    for new in range(2, 22):
        for old in range(1, new):
            changed = [leaf_hash(b"another"), *LEAVES[1:new]]
            with pytest.raises(NotProven):
                verify_consistency(old, mth(LEAVES[:old]), new, mth(changed), consistency_path(changed, old))


def test_the_empty_tree_begins_every_tree() -> None:
    assert consistency_path(LEAVES, 0) == ()
    verify_consistency(0, EMPTY, LARGEST, root(LEAVES))
    verify_consistency(0, EMPTY, 0, EMPTY)
    for old_root, size, new_root, found in [
        (LEAVES[0], 3, root(LEAVES[:3]), ()),
        (EMPTY, 3, root(LEAVES[:3]), (LEAVES[0],)),
        (EMPTY, 0, LEAVES[0], ()),
    ]:
        with pytest.raises(NotProven):
            verify_consistency(0, old_root, size, new_root, found)


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (4, 3), (-2, -1)])
def test_sizes_that_cannot_be(old: int, new: int) -> None:
    with pytest.raises(NotProven, match="does not continue"):
        verify_consistency(old, EMPTY, new, EMPTY)


def test_what_is_no_hash_is_refused() -> None:
    for bad in (b"", LEAVES[0][:31], LEAVES[0] + b"\0"):
        for ask in (
            lambda bad=bad: root([LEAVES[0], bad]),
            lambda bad=bad: Frontier().append(bad),
            lambda bad=bad: Frontier(1, (bad,)),
            lambda bad=bad: inclusion_path([LEAVES[0], bad], 0),
            lambda bad=bad: root_from_path(bad, 0, 1, []),
        ):
            with pytest.raises(BadInput, match="32 bytes"):
                ask()
        with pytest.raises(NotProven):
            verify_inclusion(bad, 0, 1, [], bad)
        with pytest.raises(NotProven):
            verify_consistency(1, bad, 1, bad)


@pytest.mark.parametrize(("size", "peaks"), [(0, 1), (1, 0), (3, 1), (4, 2), (-1, 1)])
def test_a_frontier_has_a_peak_for_each_bit(size: int, peaks: int) -> None:
    with pytest.raises(BadInput, match="peaks"):
        Frontier(size, tuple(LEAVES[:peaks]))


@pytest.mark.parametrize("index", [-1, 3, 100])
def test_a_leaf_that_is_not_there(index: int) -> None:
    with pytest.raises(BadInput, match=f"no leaf {index}"):
        inclusion_path(LEAVES[:3], index)
    with pytest.raises(BadInput, match=f"no leaf {index}"):
        root_from_path(LEAVES[0], index, 3, [])


@pytest.mark.parametrize("old", [-1, 4])
def test_a_size_that_never_was(old: int) -> None:
    with pytest.raises(BadInput, match="never"):
        consistency_path(LEAVES[:3], old)


@pytest.mark.parametrize("count", [2, 4])
def test_the_length_of_a_path_is_told(count: int) -> None:
    with pytest.raises(BadInput, match="too short" if count < 3 else "too long"):
        root_from_path(LEAVES[0], 0, 8, LEAVES[:count])


def test_a_root_of_a_smaller_tree_does_not_pass_for_that_of_a_larger_one() -> None:
    """The hashes come right, and end below the root of the size that is claimed."""
    for old, new in [(1, 2), (1, 4), (2, 4), (3, 4), (5, 8), (8, 16), (13, 16)]:
        found, roots = consistency_path(LEAVES[:new], old), (mth(LEAVES[:old]), mth(LEAVES[:new]))
        with pytest.raises(NotProven, match="too short"):
            verify_consistency(old, roots[0], 2 * new, roots[1], found)
