-- +goose Up
-- SQLite takes the primary key rather than an index that begins with the programme too and needs a second look: without statistics a
-- programme is ten rows to it. An index that begins with what there are many of leaves no choice; the primary key's columns are in it anyway.
DROP INDEX outcome_follows;
CREATE INDEX outcome_follows ON outcome (follows);
CREATE INDEX outcome_tell_item ON outcome_tell (item);
CREATE INDEX outcome_told_item ON outcome_told (item);
DROP INDEX outcome_record_of;
CREATE INDEX outcome_record_of ON outcome_record (record);
DROP INDEX intel_report_of;
CREATE INDEX intel_report_of ON intel_report (item);
DROP INDEX report_ended_of;
CREATE INDEX report_ended_of ON report_ended (report);
CREATE INDEX danger_alarm_desk ON danger_alarm (desk, state, hour);

-- +goose Down
DROP INDEX danger_alarm_desk;
DROP INDEX report_ended_of;
CREATE INDEX report_ended_of ON report_ended (programme, report);
DROP INDEX intel_report_of;
CREATE INDEX intel_report_of ON intel_report (programme, item);
DROP INDEX outcome_record_of;
CREATE INDEX outcome_record_of ON outcome_record (programme, record, measure);
DROP INDEX outcome_told_item;
DROP INDEX outcome_tell_item;
DROP INDEX outcome_follows;
CREATE INDEX outcome_follows ON outcome (programme, follows);
