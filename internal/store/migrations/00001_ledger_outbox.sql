-- +goose Up
-- The tamper-evident log. Row n holds leaf n and the tree's hashes that leaf n completes. Salt and payload can be erased; the rest stays.
CREATE TABLE ledger_leaf (
    n         INTEGER PRIMARY KEY,
    id        BLOB NOT NULL UNIQUE,
    programme BLOB NOT NULL,
    kind      TEXT NOT NULL,
    leaf      BLOB NOT NULL,
    hashes    BLOB NOT NULL,
    salt      BLOB,
    payload   BLOB
);
CREATE INDEX ledger_leaf_kind ON ledger_leaf (programme, kind, n);
CREATE INDEX ledger_leaf_programme ON ledger_leaf (programme, n);

-- Checkpoints that were published, with the witnesses' signatures.
CREATE TABLE ledger_checkpoint (
    size INTEGER PRIMARY KEY,
    note BLOB NOT NULL
);

-- Events between their commit and their delivery. No times, random ids.
CREATE TABLE outbox (
    id        BLOB NOT NULL PRIMARY KEY,
    programme BLOB NOT NULL,
    topic     TEXT NOT NULL,
    body      BLOB NOT NULL
) WITHOUT ROWID;

-- +goose Down
DROP TABLE outbox;
DROP TABLE ledger_checkpoint;
DROP TABLE ledger_leaf;
