-- +goose Up
-- A row holds the twelve months of a year (docs/decisions/rollups.md): ten years are then ten rows of a measure instead of a hundred and twenty.
CREATE TABLE outcome_figure (
    programme   BLOB NOT NULL,
    dimension   TEXT NOT NULL,
    compartment BLOB NOT NULL,
    measure     TEXT NOT NULL,
    year        INTEGER NOT NULL,
    part        TEXT NOT NULL,
    m01         INTEGER NOT NULL DEFAULT 0,
    m02         INTEGER NOT NULL DEFAULT 0,
    m03         INTEGER NOT NULL DEFAULT 0,
    m04         INTEGER NOT NULL DEFAULT 0,
    m05         INTEGER NOT NULL DEFAULT 0,
    m06         INTEGER NOT NULL DEFAULT 0,
    m07         INTEGER NOT NULL DEFAULT 0,
    m08         INTEGER NOT NULL DEFAULT 0,
    m09         INTEGER NOT NULL DEFAULT 0,
    m10         INTEGER NOT NULL DEFAULT 0,
    m11         INTEGER NOT NULL DEFAULT 0,
    m12         INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (programme, dimension, compartment, measure, year, part)
) WITHOUT ROWID;
INSERT INTO outcome_figure
SELECT programme, dimension, compartment, measure, month / 12, part,
    sum(CASE WHEN month % 12 = 0 THEN n ELSE 0 END),
    sum(CASE WHEN month % 12 = 1 THEN n ELSE 0 END),
    sum(CASE WHEN month % 12 = 2 THEN n ELSE 0 END),
    sum(CASE WHEN month % 12 = 3 THEN n ELSE 0 END),
    sum(CASE WHEN month % 12 = 4 THEN n ELSE 0 END),
    sum(CASE WHEN month % 12 = 5 THEN n ELSE 0 END),
    sum(CASE WHEN month % 12 = 6 THEN n ELSE 0 END),
    sum(CASE WHEN month % 12 = 7 THEN n ELSE 0 END),
    sum(CASE WHEN month % 12 = 8 THEN n ELSE 0 END),
    sum(CASE WHEN month % 12 = 9 THEN n ELSE 0 END),
    sum(CASE WHEN month % 12 = 10 THEN n ELSE 0 END),
    sum(CASE WHEN month % 12 = 11 THEN n ELSE 0 END)
FROM outcome_rollup GROUP BY programme, dimension, compartment, measure, month / 12, part;
DROP TABLE outcome_rollup;

-- +goose Down
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
INSERT INTO outcome_rollup
SELECT programme, dimension, compartment, year * 12 + 0, measure, part, m01 FROM outcome_figure WHERE m01 <> 0
UNION ALL SELECT programme, dimension, compartment, year * 12 + 1, measure, part, m02 FROM outcome_figure WHERE m02 <> 0
UNION ALL SELECT programme, dimension, compartment, year * 12 + 2, measure, part, m03 FROM outcome_figure WHERE m03 <> 0
UNION ALL SELECT programme, dimension, compartment, year * 12 + 3, measure, part, m04 FROM outcome_figure WHERE m04 <> 0
UNION ALL SELECT programme, dimension, compartment, year * 12 + 4, measure, part, m05 FROM outcome_figure WHERE m05 <> 0
UNION ALL SELECT programme, dimension, compartment, year * 12 + 5, measure, part, m06 FROM outcome_figure WHERE m06 <> 0
UNION ALL SELECT programme, dimension, compartment, year * 12 + 6, measure, part, m07 FROM outcome_figure WHERE m07 <> 0
UNION ALL SELECT programme, dimension, compartment, year * 12 + 7, measure, part, m08 FROM outcome_figure WHERE m08 <> 0
UNION ALL SELECT programme, dimension, compartment, year * 12 + 8, measure, part, m09 FROM outcome_figure WHERE m09 <> 0
UNION ALL SELECT programme, dimension, compartment, year * 12 + 9, measure, part, m10 FROM outcome_figure WHERE m10 <> 0
UNION ALL SELECT programme, dimension, compartment, year * 12 + 10, measure, part, m11 FROM outcome_figure WHERE m11 <> 0
UNION ALL SELECT programme, dimension, compartment, year * 12 + 11, measure, part, m12 FROM outcome_figure WHERE m12 <> 0;
DROP TABLE outcome_figure;
