"""Lists on disk: used completely or not at all, not too long, and only by their owner."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.page_cache import PageCache, lists_folder
from graphpolicy.graph.registrations import user_pages
from tests.unit.graph.network import CONTOSO, FABRIKAM, Clock, Jwt, Network

URL = "http://127.0.0.1:1/v1.0/users"
HOUR = 3600.0


class Kept:
    """A folder of lists, and a tenant that answers `pages` pages of people."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder = folder
        self.clock = clock
        self.network = Network(self.answer, clock)
        self.pages = 3
        self.said = self.network.said
        self.breaks: int | None = None
        self.expired = False

    def answer(self, request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("$skiptoken", "0")) + 1
        if number == self.breaks:
            return httpx.Response(403)
        if self.expired and number > 1:
            return httpx.Response(400, json={"error": {"code": "Directory_ExpiredPageToken"}})
        more = {"@odata.nextLink": f"{URL}?$skiptoken={number}"} if number < self.pages else {}
        rows = [{"id": f"Zoë {number}", "name": "\ud800"}]
        return httpx.Response(200, content=json.dumps({"value": rows, **more}))

    def read(self, seconds: float = HOUR, **how: Any) -> int:
        """Read the list; returns how many requests that took."""
        before = len(self.network.sent)

        async def people(graph: Any) -> list[str]:
            cache = PageCache(
                seconds, self.said.append, folder=self.folder, today=self.clock.pace.today
            )
            return [row["id"] async for rows in user_pages(graph, cache) for row in rows]

        found = self.network.run(people, **how)
        assert found == [f"Zoë {number + 1}" for number in range(self.pages)]
        return len(self.network.sent) - before

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*/*.pages"))

    def damage(self, change: Callable[[bytes], bytes]) -> None:
        (file,) = self.files
        file.write_bytes(change(file.read_bytes()))


@pytest.fixture
def kept(tmp_path: Path, clock: Clock) -> Kept:
    return Kept(tmp_path / "lists", clock)


def test_a_list_is_read_once_until_its_time_is_over(kept: Kept) -> None:
    assert (kept.read(), kept.read()) == (3, 0)
    kept.clock.now += HOUR - 1
    assert kept.read() == 0
    kept.clock.now += 1
    assert kept.read() == 3


def test_the_shorter_time_counts(kept: Kept) -> None:
    kept.read(HOUR)
    kept.clock.now += HOUR / 2
    assert kept.read(60) == 3
    kept.clock.now += 120
    assert kept.read(HOUR) == 3


def test_an_empty_list_is_kept_too(kept: Kept) -> None:
    kept.pages = 1
    assert (kept.read(), kept.read()) == (1, 0)


def test_what_broke_off_is_continued(kept: Kept) -> None:
    kept.breaks = 3
    with pytest.raises(GraphError):
        kept.read()
    kept.breaks = None
    assert kept.read() == 1
    assert kept.read() == 0


def test_what_broke_off_is_begun_again_if_its_next_page_is_gone(kept: Kept) -> None:
    kept.breaks = 3
    with pytest.raises(GraphError):
        kept.read()
    kept.breaks, kept.expired = None, True
    kept.pages = 1
    assert kept.read() == 2
    assert kept.read() == 0


def test_a_next_page_that_can_not_be_read_now_is_an_error(kept: Kept) -> None:
    kept.breaks = 3
    for _ in range(2):
        with pytest.raises(GraphError):
            kept.read()


def test_a_page_that_was_cut_off_is_read_again(kept: Kept) -> None:
    kept.read()
    kept.damage(lambda raw: raw[:-3])
    assert kept.read() == 1
    assert kept.read() == 0


def without_a_page(raw: bytes) -> bytes:
    lines = raw.splitlines(keepends=True)
    return b"".join((*lines[:2], *lines[3:]))


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "another name": lambda raw: raw.replace(b"2", b"7", 1),
    "another person": lambda raw: raw.replace(b" 2", b" 9", 1),
    "a page is gone": without_a_page,
    "a later time": lambda raw: raw.replace(b"2026-", b"2027-", 1),
    "no list": lambda _: b"hello\n",
    "zeros": lambda raw: b"\0" * len(raw),
    "empty": lambda _: b"",
    "a line of another list": lambda raw: raw + raw.splitlines(keepends=True)[-1],
}


@pytest.mark.parametrize("change", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_list_is_read_again(change: Callable[[bytes], bytes], kept: Kept) -> None:
    kept.read()
    kept.damage(change)
    assert kept.read() == 3
    assert kept.read() == 0


def test_a_next_page_of_another_list_is_not_followed(kept: Kept, monkeypatch: Any) -> None:
    kept.breaks = 3
    with pytest.raises(GraphError):
        kept.read()
    kept.breaks = None
    monkeypatch.setattr("graphpolicy.disk.kept_list._verified", lambda _, line: "x" * 64)
    kept.damage(lambda raw: raw.replace(b"/v1.0/users?", b"/v1.0/groups?"))
    assert kept.read() == 3


def test_tenants_and_sign_ins_do_not_share_lists(kept: Kept, jwt: Jwt) -> None:
    assert kept.read(tenant=FABRIKAM) == kept.read(tenant=CONTOSO) == 3
    for who in ("a", "b"):
        token = jwt(tid=CONTOSO.id, oid=who, scp="User.Read.All")
        assert (kept.read(token=token), kept.read(token=token)) == (3, 0)
    assert not any("opaque" in str(file) + file.read_text() for file in kept.files)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_only_the_owner_may_read(kept: Kept) -> None:
    kept.read()
    (file,) = kept.files
    for path in (file, file.parent, kept.folder):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    file.chmod(0o644)
    kept.read()
    assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_links_are_not_followed(kept: Kept, tmp_path: Path) -> None:
    kept.read()
    (file,) = kept.files
    (tmp_path / "theirs").write_text("")
    file.unlink()
    file.symlink_to(tmp_path / "theirs")
    assert (kept.read(), kept.read()) == (3, 3)
    assert (tmp_path / "theirs").read_text() == ""
    assert "link" in kept.said[-1]


def test_a_folder_that_can_not_be_used_is_told(kept: Kept) -> None:
    kept.folder.write_text("a file")
    assert kept.read() == 3
    assert str(kept.folder) in kept.said[-1]


def test_lists_whose_time_is_over_are_deleted(kept: Kept) -> None:
    kept.read(60)
    (short,) = kept.files
    kept.read(tenant=FABRIKAM)
    kept.clock.now += 61
    kept.read(tenant=FABRIKAM)
    assert len(kept.files) == 1
    assert short not in kept.files


def test_no_time_keeps_nothing_and_deletes_all(kept: Kept) -> None:
    kept.read()
    assert kept.read(0) == 3
    assert kept.files == []


def test_a_clock_that_was_set_back_uses_nothing(kept: Kept) -> None:
    kept.clock.now += HOUR
    kept.read()
    kept.clock.now -= 1
    assert kept.read() == 3


def test_two_readers_of_one_list_do_not_mix(kept: Kept) -> None:
    async def both(graph: Any) -> list[int]:
        cache = PageCache(HOUR, kept.said.append, folder=kept.folder, today=kept.clock.pace.today)
        first = aiter(user_pages(graph, cache))
        await anext(first)
        second = [rows async for rows in user_pages(graph, cache)]
        return [len([rows async for rows in first]), len(second)]

    assert kept.network.run(both) == [2, 3]
    assert kept.read() == 0


def test_lists_are_in_the_users_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert lists_folder().name == "lists"
    assert lists_folder().parent.name == "graphpolicy"
