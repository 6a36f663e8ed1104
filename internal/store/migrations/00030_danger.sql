-- +goose Up
-- Lives at risk. hour is whole hours since 1970; due is Unix seconds while the
-- alarm rings, else 0. body is JSON, which no query asks anything of. Of a
-- report's alarm no row holds a time of its arrival once it is acknowledged.
CREATE TABLE danger_alarm (
    programme BLOB NOT NULL,
    id        BLOB NOT NULL,
    desk      BLOB NOT NULL,
    dedup     BLOB NOT NULL,
    state     TEXT NOT NULL,
    hour      INTEGER NOT NULL,
    version   INTEGER NOT NULL,
    step      INTEGER NOT NULL,
    due       INTEGER NOT NULL,
    body      BLOB NOT NULL,
    PRIMARY KEY (programme, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX danger_alarm_key ON danger_alarm (programme, dedup);
CREATE INDEX danger_alarm_state ON danger_alarm (programme, state, hour);
CREATE INDEX danger_alarm_due ON danger_alarm (due) WHERE state = 'ringing';

CREATE TABLE danger_policy (
    programme BLOB NOT NULL PRIMARY KEY,
    body      BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE danger_responder (
    programme BLOB NOT NULL,
    id        BLOB NOT NULL,
    body      BLOB NOT NULL,
    PRIMARY KEY (programme, id)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE danger_responder;
DROP TABLE danger_policy;
DROP TABLE danger_alarm;
