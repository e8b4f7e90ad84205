"""The schema as it is now; ``migrations`` says how it came to be."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Integer, MetaData, String, Table, Text, false

metadata = MetaData()

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("role", String(16), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("created", String(32), nullable=False),
    Column("revoked", String(32)),
)

recordings = Table(
    "recordings",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("board", String(200), nullable=False, index=True),
    Column("serial", String(200), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("by", String(200), nullable=False),
    Column("started", String(32), nullable=False),
    Column("path", Text, nullable=False),
    Column("ended", String(32)),
    Column("end_reason", String(32), nullable=False),
    Column("samples", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
)

tares = Table(
    "tares",
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=True),
    Column("serial", String(200), nullable=False, index=True),
    Column("at", String(32), nullable=False),
    Column("by", String(200), nullable=False),
    Column("zero", JSON, nullable=False),
    Column("noise_n", Float, nullable=False),
    Column("offset_n", Float),
)

audit = Table(
    "audit",
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=True),
    Column("at", String(32), nullable=False),
    Column("by", String(200), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("detail", Text, nullable=False),
    Column("hash", String(64), nullable=False),
)

boards = Table(
    "boards",
    metadata,
    Column("moniker", Text, primary_key=True),
    Column("board", String(200), nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("created", String(32), nullable=False),
    Column("birth_year", Integer),
    Column("sex", String(16), nullable=False),
    Column("height_mm", Float),
    Column("notes", Text, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("person", String(64), index=True),
    Column("board", String(200), nullable=False),
    Column("by", String(200), nullable=False),
    Column("started", String(32), nullable=False),
    Column("ended", String(32)),
    Column("language", String(8), nullable=False),
    Column("circumstances", JSON, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("session", String(64), nullable=False, index=True),
    Column("challenge", String(64), nullable=False, index=True),
    Column("definition", JSON, nullable=False),
    Column("by", String(200), nullable=False),
    Column("started", String(32), nullable=False),
    Column("ended", String(32)),
    Column("end", String(32), nullable=False),
    Column("reason", Text, nullable=False),
    Column("result", JSON, nullable=False),
)

trials = Table(
    "trials",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("run", String(64), nullable=False, index=True),
    Column("plan", String(80), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("started", String(32), nullable=False),
    Column("content", JSON, nullable=False),
)

enrolments = Table(
    "enrolments",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("person", String(64), nullable=False, index=True),
    Column("program", String(64), nullable=False),
    Column("started", String(32), nullable=False),
    Column("by", String(200), nullable=False),
    Column("rung", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("locked", Boolean, nullable=False),
    Column("paused", Boolean, nullable=False, server_default=false()),
    Column("ended", String(32)),
    Column("end", String(32), nullable=False),
    Column("run", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
)

ladders = Table(
    "ladders",
    metadata,
    Column("enrolment", String(64), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("definition", JSON, nullable=False),
    Column("at", String(32), nullable=False),
    Column("by", String(200), nullable=False),
    Column("reason", Text, nullable=False),
)

sets = Table(
    "sets",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("enrolment", String(64), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("rung", String(64), nullable=False),
    Column("session", String(64), nullable=False),
    Column("run", String(64), nullable=False),
    Column("at", String(32), nullable=False),
    Column("score", Float),
    Column("valid", Boolean, nullable=False),
    Column("fell", Boolean, nullable=False),
    Column("held_s", Float, nullable=False),
    Column("hold", String(16), nullable=False),
    Column("symptoms", JSON(none_as_null=True)),
    Column("decision", String(64), nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("enrolment", String(64), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("at", String(32), nullable=False),
    Column("session", String(64), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("rung", String(64), nullable=False),
    Column("next_rung", String(64), nullable=False),
    Column("rule", String(32), nullable=False),
    Column("because", String(64), nullable=False),
    Column("by", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("settles", Boolean, nullable=False),
    Column("after", String(64), nullable=False),
    Column("inputs", JSON, nullable=False),
)
