-- +goose Up
-- Figures by month, divided along one dimension at a time (docs/decisions/rollups.md).
CREATE TABLE outcome_rollup (
    programme   BLOB NOT NULL,
    dimension   TEXT NOT NULL,
    compartment BLOB NOT NULL,
    month       INTEGER NOT NULL,
    measure     TEXT NOT NULL,
    part        TEXT NOT NULL,
    n           INTEGER NOT NULL,
    PRIMARY KEY (programme, dimension, compartment, month, measure, part)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE outcome_rollup;
