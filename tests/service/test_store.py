"""The records: tokens, catalogue, tares, audit; migrated from nothing, written by many."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from otolith.service.clock import VirtualClock
from otolith.service.errors import StoreError, UnknownRecording, UnknownToken
from otolith.service.store import RecordingRow, Role, Store, TareRow
from otolith.service.store.migrate import migrate
from otolith.service.store.tables import metadata


def url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
async def store(tmp_path: Path, clock: VirtualClock) -> AsyncIterator[Store]:
    async with Store(url(tmp_path / "records.db"), clock) as store:
        yield store


def row(number: int, **changes: object) -> RecordingRow:
    base = RecordingRow(f"2026-{number:04d}", "twin-1", "1", "always", "station", f"t{number}", f"r/{number}.mcap")
    return replace(base, **changes)  # type: ignore[arg-type]  # fields of a row


async def test_what_comes_after_a_restart_sorts_after_it_though_the_clock_was_set_back(tmp_path: Path) -> None:
    path = url(tmp_path / "records.db")
    late, early = VirtualClock(datetime(2026, 5, 1, tzinfo=UTC)), VirtualClock(datetime(1970, 1, 1, tzinfo=UTC))
    async with Store(path, late) as store:
        assert store.ids.make(early.now()).startswith("19700101t"), "there was nothing to follow"
        before = store.ids.make(late.now())
        await store.recordings.add(row(1, id=before))
    async with Store(path, early) as store:
        assert store.ids.make(early.now()) > before


def test_roles_are_ordered() -> None:
    assert [[have.allows(need) for need in Role] for have in Role] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]


async def test_a_token_is_known_by_its_secret_until_it_is_revoked(store: Store, tmp_path: Path) -> None:
    token, secret = await store.tokens.create("front desk", Role.OPERATOR)
    other, _ = await store.tokens.create("wall", Role.VIEWER)
    assert await store.tokens.verify(secret) == token
    for wrong in ("", secret[:-1], secret + "x", token.id, "\udcff"):
        assert await store.tokens.verify(wrong) is None
    assert {row.id for row in await store.tokens.list()} == {token.id, other.id}
    revoked = await store.tokens.revoke(token.id)
    assert revoked.revoked is not None
    assert await store.tokens.revoke(token.id) == revoked
    assert await store.tokens.verify(secret) is None
    with pytest.raises(UnknownToken):
        await store.tokens.revoke("nobody")
    assert not _found(tmp_path, secret.removeprefix("otolith_"))


def _found(folder: Path, text: str) -> bool:
    return any(text.encode() in path.read_bytes() for path in folder.iterdir())


async def test_the_first_start_makes_one_admin(store: Store) -> None:
    secret = await store.tokens.ensure_admin()
    assert secret is not None
    token = await store.tokens.verify(secret)
    assert token is not None
    assert token.role is Role.ADMIN
    assert await store.tokens.ensure_admin() is None
    await store.tokens.revoke(token.id)
    assert await store.tokens.ensure_admin() is not None


async def test_recordings_are_listed_newest_first_page_by_page(store: Store) -> None:
    for number in range(7):
        await store.recordings.add(row(number, board="twin-2" if number == 3 else "twin-1"))
    seen, cursor = [], None
    while True:
        page = await store.recordings.list(cursor=cursor, limit=3)
        seen += [item.id for item in page.items]
        if (cursor := page.cursor) is None:
            break
    assert seen == [f"2026-{number:04d}" for number in reversed(range(7))]
    assert [item.id for item in (await store.recordings.list(board="twin-2")).items] == ["2026-0003"]
    for bad in ("'; drop table recordings", "A" * 10, ""):
        with pytest.raises(ValueError, match="cursor"):
            await store.recordings.list(cursor=bad)
    for limit in (0, -1, 501):
        with pytest.raises(ValueError, match="1 to 500"):
            await store.recordings.list(limit=limit)


async def test_a_recording_is_open_until_it_is_closed(store: Store) -> None:
    await store.recordings.add(row(1))
    assert await store.recordings.open() == (row(1),)
    closed = await store.recordings.close(row(1).id, ended="t9", reason="stopped", samples=9, size=2**40)
    assert closed == row(1, ended="t9", end_reason="stopped", samples=9, size=2**40)
    assert await store.recordings.open() == ()
    await store.recordings.delete(row(1).id)
    for call in (store.recordings.get, store.recordings.delete):
        with pytest.raises(UnknownRecording):
            await call(row(1).id)
    with pytest.raises(UnknownRecording):
        await store.recordings.close("none", ended="", reason="", samples=0, size=0)


async def test_the_oldest_closed_segments_beyond_the_share_are_found(store: Store) -> None:
    for number in range(5):
        await store.recordings.add(row(number, ended="t", size=100))
    await store.recordings.add(row(5, ended="t", size=100, mode="on_demand"))
    await store.recordings.add(row(6))
    beyond = await store.recordings.beyond(250)
    assert [item.id for item in beyond] == ["2026-0000", "2026-0001", "2026-0002"]
    assert await store.recordings.beyond(500) == ()


async def test_the_newest_tare_of_a_board_is_found(store: Store) -> None:
    assert await store.tares.latest("twin-1") is None
    first = TareRow("twin-1", "t1", "a", (1.5, 2.0**-40), 0.1)
    await store.tares.add(first)
    await store.tares.add(TareRow("twin-2", "t2", "a", (3.0,), 0.1))
    assert await store.tares.latest("twin-1") == first
    second = replace(first, at="t0", zero=(0.1 + 0.2, -1e300))
    await store.tares.add(second)
    assert await store.tares.latest("twin-1") == second


async def test_the_audit_log_shows_what_was_changed(store: Store, tmp_path: Path) -> None:
    for number in range(5):
        await store.audit.append(by="someone", action="tare", subject=f"board {number}", detail='"\n')
    assert [line.n for line in (await store.audit.list(limit=2)).items] == [5, 4]
    assert [line.n for line in (await store.audit.list(cursor="4")).items] == [3, 2, 1]
    assert await store.audit.verify() is None
    with sqlite3.connect(tmp_path / "records.db") as database:
        database.execute("UPDATE audit SET by = 'nobody' WHERE n = 2")
    database.close()
    assert await store.audit.verify() == 2
    with sqlite3.connect(tmp_path / "records.db") as database:
        database.execute("DELETE FROM audit WHERE n = 2")
    database.close()
    assert await store.audit.verify() == 3
    with pytest.raises(ValueError, match="cursor"):
        await store.audit.list(cursor="-1")


async def test_many_write_at_once_and_the_chain_holds(store: Store) -> None:
    async def write(number: int) -> None:
        await store.audit.append(by=f"writer {number}", action="test", subject="")
        await store.tokens.create(f"token {number}", Role.VIEWER)

    async with asyncio.TaskGroup() as group:
        for number in range(25):
            group.create_task(write(number))
    assert len(await store.tokens.list()) == 25
    assert [line.n for line in (await store.audit.list()).items] == list(range(25, 0, -1))
    assert await store.audit.verify() is None


async def test_a_write_is_done_even_if_the_caller_goes_away(store: Store) -> None:
    writing = asyncio.create_task(store.audit.append(by="a", action="b", subject="c"))
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    await store.audit.append(by="a", action="d", subject="c")
    assert [line.action for line in (await store.audit.list()).items] == ["d", "b"]


async def test_a_failed_write_tells_and_the_next_succeeds(store: Store) -> None:
    await store.recordings.add(row(1))
    with pytest.raises(StoreError, match="UNIQUE"):
        await store.recordings.add(row(1))
    await store.recordings.add(row(2))
    assert len((await store.recordings.list()).items) == 2


async def test_records_survive_a_restart(tmp_path: Path) -> None:
    async with Store(url(tmp_path / "a.db")) as store:
        _, secret = await store.tokens.create("a", Role.ADMIN)
    async with Store(url(tmp_path / "a.db")) as store:
        assert await store.tokens.verify(secret) is not None
        assert await store.tokens.ensure_admin() is None


def test_the_migrations_make_the_schema_that_the_code_uses(tmp_path: Path) -> None:
    migrate(make_url(url(tmp_path / "a.db")))
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert differences == []


async def test_records_of_the_first_version_come_along(tmp_path: Path) -> None:
    place = make_url(url(tmp_path / "a.db"))
    await asyncio.to_thread(migrate, place, "0001")
    with sqlite3.connect(tmp_path / "a.db") as database:
        database.execute("INSERT INTO tares VALUES (1, 'twin-1', 't', 'me', '[1.5]', 0.5)")
    database.close()
    async with Store(url(tmp_path / "a.db")) as store:
        assert await store.tares.latest("twin-1") == TareRow("twin-1", "t", "me", (1.5,), 0.5)
        assert await store.boards.known() == {}


async def test_the_last_board_of_a_moniker_is_remembered(store: Store) -> None:
    await store.boards.remember("usb:1", "wii-1")
    await store.boards.remember("usb:2", "wii-2")
    await store.boards.remember("usb:1", "wii-3")
    assert await store.boards.known() == {"usb:1": "wii-3", "usb:2": "wii-2"}


async def test_records_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("not a database, and longer than a header of one hundred bytes" * 3)
    for place, words in ((tmp_path / "text.db", "not a database"), (tmp_path / "none" / "a.db", "unable to open")):
        with pytest.raises(StoreError, match=words):
            await Store(url(place)).open()
    with pytest.raises(StoreError, match="URL"):
        Store("nonsense")


async def test_records_of_a_newer_version_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    async with Store(url(path)):
        pass
    with sqlite3.connect(path) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    with pytest.raises(StoreError, match="newer version"):
        await Store(url(path)).open()


async def test_a_closed_store_says_so(store: Store) -> None:
    await store.close()
    await store.close()
    with pytest.raises(StoreError, match="not open"):
        await store.tokens.list()
    with pytest.raises(StoreError, match="not open"):
        await store.tares.add(TareRow("a", "t", "b", (1.0,), 0.0))
