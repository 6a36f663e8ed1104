-- +goose Up
-- Confirmed outcomes of which the reporters behind an item have not been told.
CREATE TABLE outcome_tell (
    programme   BLOB NOT NULL,
    outcome     BLOB NOT NULL,
    item        BLOB NOT NULL,
    compartment BLOB NOT NULL,
    told        INTEGER NOT NULL,
    PRIMARY KEY (programme, outcome, item)
) WITHOUT ROWID;
CREATE INDEX outcome_tell_waiting ON outcome_tell (programme, outcome, item) WHERE told = 0;

-- +goose Down
DROP TABLE outcome_tell;
