-- +goose Up
-- The server's half of the key of each original that is kept as evidence, wrapped under the report's slot, and who asked for it and agreed.
CREATE TABLE report_original (
    programme BLOB NOT NULL,
    report    BLOB NOT NULL,
    blob      BLOB NOT NULL,
    half      BLOB NOT NULL,
    asked_by  BLOB NOT NULL,
    asked_at  INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    agreed_by BLOB NOT NULL,
    agreed_at INTEGER NOT NULL,
    PRIMARY KEY (programme, report, blob)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE report_original;
