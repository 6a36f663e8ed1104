-- +goose Up
-- Who waits at which desk, since when; and what became of each reporter, who is
-- told once.
DROP INDEX outcome_tell_waiting;
ALTER TABLE outcome_tell RENAME TO outcome_tell_before;
CREATE TABLE outcome_tell (
    programme BLOB NOT NULL,
    outcome   BLOB NOT NULL,
    item      BLOB NOT NULL,
    desk      BLOB NOT NULL,
    since     INTEGER NOT NULL,
    told      INTEGER NOT NULL,
    PRIMARY KEY (programme, outcome, item)
) WITHOUT ROWID;
INSERT INTO outcome_tell (programme, outcome, item, desk, since, told)
    SELECT t.programme, t.outcome, t.item, o.desk, o.day * 86400, t.told
    FROM outcome_tell_before t JOIN outcome o ON o.programme = t.programme AND o.id = t.outcome;
DROP TABLE outcome_tell_before;
CREATE INDEX outcome_tell_waiting ON outcome_tell (programme, desk, since, outcome, item) WHERE told = 0;

CREATE TABLE outcome_told (
    programme BLOB NOT NULL,
    outcome   BLOB NOT NULL,
    item      BLOB NOT NULL,
    report    BLOB NOT NULL,
    ending    TEXT NOT NULL,
    who       BLOB NOT NULL,
    at        INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    PRIMARY KEY (programme, outcome, item, report)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE outcome_told;
DROP INDEX outcome_tell_waiting;
ALTER TABLE outcome_tell RENAME TO outcome_tell_after;
CREATE TABLE outcome_tell (
    programme   BLOB NOT NULL,
    outcome     BLOB NOT NULL,
    item        BLOB NOT NULL,
    compartment BLOB NOT NULL,
    told        INTEGER NOT NULL,
    PRIMARY KEY (programme, outcome, item)
) WITHOUT ROWID;
INSERT INTO outcome_tell (programme, outcome, item, compartment, told)
    SELECT t.programme, t.outcome, t.item, o.compartment, t.told
    FROM outcome_tell_after t JOIN outcome o ON o.programme = t.programme AND o.id = t.outcome;
DROP TABLE outcome_tell_after;
CREATE INDEX outcome_tell_waiting ON outcome_tell (programme, outcome, item) WHERE told = 0;
