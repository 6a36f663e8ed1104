-- +goose Up
-- Partners, and what is handed to them. Times are Unix seconds: these are staff
-- and partners, not reporters. Partners and times are JSON, which no query asks
-- anything of.
CREATE TABLE referral_partner (
    programme BLOB NOT NULL,
    id        BLOB NOT NULL,
    revision  INTEGER NOT NULL,
    name      TEXT NOT NULL,
    body      BLOB NOT NULL,
    PRIMARY KEY (programme, id)
) WITHOUT ROWID;

CREATE TABLE referral_times (
    programme BLOB NOT NULL PRIMARY KEY,
    revision  INTEGER NOT NULL,
    body      BLOB NOT NULL,
    digested  TEXT NOT NULL
) WITHOUT ROWID;

-- compartment is zeros for open items; due is 0 when no clock runs; live is 1
-- until the partner declines or is recalled from.
CREATE TABLE referral (
    programme    BLOB NOT NULL,
    id           BLOB NOT NULL,
    number       TEXT NOT NULL,
    item         BLOB NOT NULL,
    itemnumber   TEXT NOT NULL,
    title        TEXT NOT NULL,
    version      INTEGER NOT NULL,
    desk         BLOB NOT NULL,
    compartment  BLOB NOT NULL,
    category     TEXT NOT NULL,
    channel      TEXT NOT NULL,
    partner      BLOB NOT NULL,
    role         TEXT NOT NULL,
    state        TEXT NOT NULL,
    live         INTEGER NOT NULL,
    reason       TEXT NOT NULL,
    permission   TEXT NOT NULL,
    referredby   BLOB NOT NULL,
    sent         INTEGER NOT NULL,
    acknowledged INTEGER NOT NULL,
    decided      INTEGER NOT NULL,
    why          TEXT NOT NULL,
    ended        INTEGER NOT NULL,
    heard        INTEGER NOT NULL,
    due          INTEGER NOT NULL,
    chased       INTEGER NOT NULL,
    chases       INTEGER NOT NULL,
    escalated    INTEGER NOT NULL,
    revision     INTEGER NOT NULL,
    PRIMARY KEY (programme, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX referral_number ON referral (programme, number);
CREATE UNIQUE INDEX referral_primary ON referral (programme, item) WHERE role = 'primary' AND live = 1;
CREATE INDEX referral_item ON referral (programme, item, sent, id);
CREATE INDEX referral_state ON referral (programme, desk, compartment, state, sent, id);
CREATE INDEX referral_at ON referral (programme, desk, compartment, partner, state, sent, id);
CREATE INDEX referral_partner_state ON referral (programme, partner, state, sent, id);
CREATE INDEX referral_due ON referral (programme, desk, compartment, due, id) WHERE due > 0;
CREATE INDEX referral_late ON referral (programme, escalated, due, id) WHERE due > 0;

CREATE TABLE referral_step (
    programme BLOB NOT NULL,
    referral  BLOB NOT NULL,
    n         INTEGER NOT NULL,
    id        BLOB NOT NULL,
    at        INTEGER NOT NULL,
    act       TEXT NOT NULL,
    way       TEXT NOT NULL,
    doneby    BLOB NOT NULL,
    said      TEXT NOT NULL,
    how       TEXT NOT NULL,
    saidon    TEXT NOT NULL,
    code      TEXT NOT NULL,
    body      TEXT NOT NULL,
    PRIMARY KEY (programme, referral, n)
) WITHOUT ROWID;

-- What left the house, byte for byte.
CREATE TABLE referral_package (
    programme BLOB NOT NULL,
    referral  BLOB NOT NULL,
    version   INTEGER NOT NULL,
    body      BLOB NOT NULL,
    made      INTEGER NOT NULL,
    PRIMARY KEY (programme, referral, version)
);

-- token is a keyed hash; the token itself is kept nowhere.
CREATE TABLE referral_link (
    token     BLOB NOT NULL PRIMARY KEY,
    programme BLOB NOT NULL,
    referral  BLOB NOT NULL,
    step      INTEGER NOT NULL,
    made      INTEGER NOT NULL,
    expires   INTEGER NOT NULL,
    used      INTEGER NOT NULL,
    revoked   INTEGER NOT NULL,
    steps     INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX referral_link_of ON referral_link (programme, referral, made);

CREATE TABLE referral_question (
    programme BLOB NOT NULL,
    id        BLOB NOT NULL,
    referral  BLOB NOT NULL,
    desk      BLOB NOT NULL,
    state     TEXT NOT NULL,
    open      INTEGER NOT NULL,
    asked     INTEGER NOT NULL,
    body      TEXT NOT NULL,
    report    BLOB NOT NULL,
    putby     BLOB NOT NULL,
    put       INTEGER NOT NULL,
    version   INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    endedby   BLOB NOT NULL,
    ended     INTEGER NOT NULL,
    PRIMARY KEY (programme, id)
) WITHOUT ROWID;
CREATE INDEX referral_question_of ON referral_question (programme, referral, asked, id);
CREATE INDEX referral_question_open ON referral_question (programme, desk, asked, id) WHERE open = 1;
CREATE INDEX referral_question_put ON referral_question (programme, report) WHERE state = 'with-reporter';

-- +goose Down
DROP TABLE referral_question;
DROP TABLE referral_link;
DROP TABLE referral_package;
DROP TABLE referral_step;
DROP TABLE referral;
DROP TABLE referral_times;
DROP TABLE referral_partner;
