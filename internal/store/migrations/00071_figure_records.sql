-- +goose Up
-- What each figure was counted from: one row for each fact, where a list can show its record. Nothing is kept of outcomes, whose own
-- lists take the same filters.
CREATE TABLE outcome_record (
    programme   BLOB NOT NULL,
    measure     TEXT NOT NULL,
    compartment BLOB NOT NULL,
    day         INTEGER NOT NULL,
    record      BLOB NOT NULL,
    desk        BLOB NOT NULL,
    category    TEXT NOT NULL,
    channel     TEXT NOT NULL,
    partner     BLOB NOT NULL,
    PRIMARY KEY (programme, measure, compartment, day, record)
) WITHOUT ROWID;
CREATE INDEX outcome_record_of ON outcome_record (programme, record, measure);

-- Which open approved items rest on a report: what the report's times are counted under.
CREATE TABLE intel_report (
    programme BLOB NOT NULL,
    report    BLOB NOT NULL,
    place     INTEGER NOT NULL,
    item      BLOB NOT NULL,
    category  TEXT NOT NULL,
    PRIMARY KEY (programme, report, place)
) WITHOUT ROWID;
CREATE INDEX intel_report_of ON intel_report (programme, item);

-- What a disposed item still counts for; approved is 0 for one that never was.
ALTER TABLE intel_tombstone ADD COLUMN compartment BLOB NOT NULL DEFAULT x'00000000000000000000000000000000';
ALTER TABLE intel_tombstone ADD COLUMN desk BLOB NOT NULL DEFAULT x'00000000000000000000000000000000';
ALTER TABLE intel_tombstone ADD COLUMN category TEXT NOT NULL DEFAULT '';
ALTER TABLE intel_tombstone ADD COLUMN channel TEXT NOT NULL DEFAULT '';
ALTER TABLE intel_tombstone ADD COLUMN approved INTEGER NOT NULL DEFAULT 0;
ALTER TABLE intel_tombstone ADD COLUMN disposed INTEGER NOT NULL DEFAULT 0;

-- When the partner first told of progress or an outcome.
ALTER TABLE referral ADD COLUMN acted INTEGER NOT NULL DEFAULT 0;
UPDATE referral SET acted = coalesce((SELECT min(s.at) FROM referral_step s WHERE s.programme = referral.programme AND s.referral = referral.id AND s.act IN ('progress', 'outcome')), 0)
    WHERE role = 'primary';

-- When the desk first wrote back. Nanoseconds, as the other times of members.
ALTER TABLE report ADD COLUMN first_answer INTEGER NOT NULL DEFAULT 0;
UPDATE report SET first_answer = coalesce((SELECT min(a.at) FROM report_act a WHERE a.programme = report.programme AND a.report = report.id AND a.what IN ('answered', 'asked')), 0)
    WHERE answered > 0;

-- Ended contacts that were reports, as they were counted.
CREATE TABLE report_ended (
    programme BLOB NOT NULL,
    desk      BLOB NOT NULL,
    day       INTEGER NOT NULL,
    report    BLOB NOT NULL,
    again     INTEGER NOT NULL,
    channel   TEXT NOT NULL,
    reason    TEXT NOT NULL,
    PRIMARY KEY (programme, desk, day, report, again)
) WITHOUT ROWID;
CREATE INDEX report_ended_of ON report_ended (programme, report);

-- +goose Down
DROP TABLE report_ended;
ALTER TABLE report DROP COLUMN first_answer;
ALTER TABLE referral DROP COLUMN acted;
ALTER TABLE intel_tombstone DROP COLUMN disposed;
ALTER TABLE intel_tombstone DROP COLUMN approved;
ALTER TABLE intel_tombstone DROP COLUMN channel;
ALTER TABLE intel_tombstone DROP COLUMN category;
ALTER TABLE intel_tombstone DROP COLUMN desk;
ALTER TABLE intel_tombstone DROP COLUMN compartment;
DROP TABLE intel_report;
DROP TABLE outcome_record;
