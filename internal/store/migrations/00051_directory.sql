-- +goose Up
-- Help directories as they were imported: each a zipped package of tables (HSDS). The newest of each source is shown.
CREATE TABLE prevent_directory (
    number   INTEGER NOT NULL PRIMARY KEY,
    source   TEXT NOT NULL,
    day      TEXT NOT NULL,
    services INTEGER NOT NULL,
    records  INTEGER NOT NULL,
    body     BLOB NOT NULL
);
CREATE INDEX prevent_directory_source ON prevent_directory (source, number);

-- +goose Down
DROP TABLE prevent_directory;
