-- +goose Up
-- Which items rest on a sealed report, in any of their versions: asked only for readers who may list that report.
CREATE TABLE intel_from (
    programme BLOB NOT NULL,
    report    BLOB NOT NULL,
    item      BLOB NOT NULL,
    PRIMARY KEY (programme, report, item)
) WITHOUT ROWID;
CREATE INDEX intel_from_of ON intel_from (programme, item);

INSERT INTO intel_from (programme, report, item)
SELECT DISTINCT i.programme, unhex(r.value), i.id FROM intel_item i, json_each(CAST(i.body AS TEXT), '$.Reports') r;

-- +goose Down
DROP TABLE intel_from;
