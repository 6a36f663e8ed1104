-- +goose Up
-- What the server knows of a sealed report: small rows in the order of their random ids. What is sealed lies in report_sealed,
-- under an integer drawn at random: a tree of large rows that is keyed by bytes reads whole rows to compare them
-- (docs/decisions/report-tables.md). No column holds a time of the reporter finer than the hour.
CREATE TABLE report (
    programme  BLOB NOT NULL,
    id         BLOB NOT NULL,
    place      INTEGER NOT NULL,
    login      BLOB NOT NULL,
    desk       BLOB NOT NULL,
    arrived    INTEGER NOT NULL,
    channel    TEXT NOT NULL,
    danger     INTEGER NOT NULL,
    size       INTEGER NOT NULL,
    epoch      INTEGER NOT NULL,
    roster     BLOB NOT NULL,
    head_seq   INTEGER NOT NULL,
    head_hash  BLOB NOT NULL,
    digest     BLOB NOT NULL,
    slot       INTEGER NOT NULL,
    hold       INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    state      TEXT NOT NULL,
    urgency    TEXT NOT NULL,
    assigned   BLOB,
    restricted INTEGER NOT NULL,
    reason     TEXT NOT NULL,
    first_read INTEGER NOT NULL,
    replied    INTEGER NOT NULL,
    answered   INTEGER NOT NULL,
    alarm      INTEGER NOT NULL,
    unanswered INTEGER NOT NULL,
    PRIMARY KEY (programme, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX report_login ON report (programme, login);
CREATE INDEX report_inbox ON report (programme, desk, state, alarm, arrived, id);
CREATE INDEX report_mine ON report (programme, desk, assigned, alarm, arrived, id, state) WHERE assigned IS NOT NULL;
CREATE INDEX report_urgent ON report (programme, desk, urgency, alarm, arrived, id, state) WHERE urgency <> '';
CREATE INDEX report_unanswered ON report (programme, desk, unanswered, alarm, arrived, id, state) WHERE unanswered = 1;

CREATE TABLE report_sealed (
    place     INTEGER PRIMARY KEY,
    programme BLOB NOT NULL,
    role      TEXT NOT NULL,
    hashes    BLOB NOT NULL,
    cover     BLOB NOT NULL,
    grants    BLOB NOT NULL,
    first     BLOB NOT NULL
);

-- The conversation after the first message.
CREATE TABLE report_message (
    place     INTEGER PRIMARY KEY,
    programme BLOB NOT NULL,
    report    BLOB NOT NULL,
    seq       INTEGER NOT NULL,
    epoch     INTEGER NOT NULL,
    role      TEXT NOT NULL,
    hash      BLOB NOT NULL,
    hour      INTEGER NOT NULL,
    body      BLOB NOT NULL
);
CREATE UNIQUE INDEX report_message_order ON report_message (programme, report, seq);

-- The blind index: HMAC(pepper, token).
CREATE TABLE report_token (
    programme BLOB NOT NULL,
    token     BLOB NOT NULL,
    report    BLOB NOT NULL,
    PRIMARY KEY (programme, token, report)
) WITHOUT ROWID;
CREATE INDEX report_token_of ON report_token (programme, report);

-- What members did to a report.
CREATE TABLE report_act (
    programme BLOB NOT NULL,
    report    BLOB NOT NULL,
    id        BLOB NOT NULL,
    who       BLOB NOT NULL,
    at        INTEGER NOT NULL,
    what      TEXT NOT NULL,
    detail    TEXT NOT NULL,
    PRIMARY KEY (programme, report, id)
) WITHOUT ROWID;

-- Ended contacts by day.
CREATE TABLE report_count (
    programme BLOB NOT NULL,
    desk      BLOB NOT NULL,
    day       INTEGER NOT NULL,
    channel   TEXT NOT NULL,
    reason    TEXT NOT NULL,
    n         INTEGER NOT NULL,
    PRIMARY KEY (programme, desk, day, channel, reason)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE report_count;
DROP TABLE report_act;
DROP TABLE report_token;
DROP TABLE report_message;
DROP TABLE report_sealed;
DROP TABLE report;
