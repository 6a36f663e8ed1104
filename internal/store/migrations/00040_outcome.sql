-- +goose Up
-- The newest version of each outcome, with what lists filter by beside the whole.
CREATE TABLE outcome (
    programme   BLOB NOT NULL,
    id          BLOB NOT NULL,
    version     INTEGER NOT NULL,
    state       TEXT NOT NULL,
    counting    INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    of          TEXT NOT NULL,
    day         INTEGER NOT NULL,
    compartment BLOB NOT NULL,
    desk        BLOB NOT NULL,
    category    TEXT NOT NULL,
    channel     TEXT NOT NULL,
    partner     BLOB NOT NULL,
    currency    TEXT NOT NULL,
    follows     BLOB NOT NULL,
    importkey   TEXT,
    body        BLOB NOT NULL,
    PRIMARY KEY (programme, id)
) WITHOUT ROWID;
CREATE INDEX outcome_day ON outcome (programme, day, id);
CREATE INDEX outcome_kind ON outcome (programme, kind, day, id);
CREATE INDEX outcome_follows ON outcome (programme, follows);
CREATE UNIQUE INDEX outcome_importkey ON outcome (programme, importkey) WHERE importkey IS NOT NULL;

-- Every version stays.
CREATE TABLE outcome_version (
    programme BLOB NOT NULL,
    id        BLOB NOT NULL,
    version   INTEGER NOT NULL,
    body      BLOB NOT NULL,
    PRIMARY KEY (programme, id, version)
) WITHOUT ROWID;

CREATE TABLE outcome_link (
    programme BLOB NOT NULL,
    item      BLOB NOT NULL,
    outcome   BLOB NOT NULL,
    PRIMARY KEY (programme, item, outcome)
) WITHOUT ROWID;
CREATE INDEX outcome_link_of ON outcome_link (programme, outcome);

-- Outcomes of items in several compartments are for those inside of all of them.
CREATE TABLE outcome_wall (
    programme   BLOB NOT NULL,
    id          BLOB NOT NULL,
    compartment BLOB NOT NULL,
    PRIMARY KEY (programme, id, compartment)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE outcome_wall;
DROP TABLE outcome_link;
DROP TABLE outcome_version;
DROP TABLE outcome;
