"""The tables; `migrations/` makes and changes them."""

from __future__ import annotations

from sqlalchemy import JSON, Column, DateTime, ForeignKey, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("owner", String(64), nullable=True),
    Index("ix_conversations_owner", "owner"),
)

turns = Table(
    "turns",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("conversation_id", String(64), ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("question", Text, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Index("ix_turns_conversation", "conversation_id", "id"),
)

intakes = Table(
    "intakes",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("flow", String(64), nullable=False),
    Column("status", String(8), nullable=False),
    Column("state_version", Integer, nullable=False),
    Column("state", JSON, nullable=False),
    Column("scan", String(64), nullable=True),
    Column("basis", String(64), nullable=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Index("ix_intakes_scan", "scan"),
)

owners = Table(
    "intake_owners",
    metadata,
    Column("intake_id", String(64), ForeignKey("intakes.id", ondelete="CASCADE"), primary_key=True),
    Column("owner", String(64), primary_key=True),
    Index("ix_intake_owners_owner", "owner"),
)

keys = Table(
    "keys",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", String(128), nullable=False),
)

answers = Table(
    "answers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("conversation_id", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("answer", JSON, nullable=False),
    Column("share", String(64), nullable=True, unique=True),
    Column("answered_at", DateTime(timezone=True), nullable=False),
    Index("ix_answers_conversation", "conversation_id", "answered_at"),
    Index("ix_answers_answered_at", "answered_at"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("answer_id", String(64), nullable=False),
    Column("verdict", String(8), nullable=False),
    Column("remark", Text, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("given_at", DateTime(timezone=True), nullable=False),
    Index("ix_feedback_given_at", "given_at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("seen_at", DateTime(timezone=True), nullable=False),
)

places = Table(
    "places",
    metadata,
    Column("place", String(160), primary_key=True),
    Column("intake_id", String(64), ForeignKey("intakes.id", ondelete="CASCADE"), nullable=False),
)
