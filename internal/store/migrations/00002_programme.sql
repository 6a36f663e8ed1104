-- +goose Up
CREATE TABLE programme (
    id      BLOB NOT NULL PRIMARY KEY,
    founded INTEGER NOT NULL UNIQUE,
    body    BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE programme_roster (
    programme BLOB NOT NULL,
    version   INTEGER NOT NULL,
    roster    BLOB NOT NULL,
    signature BLOB NOT NULL,
    entry     BLOB NOT NULL,
    PRIMARY KEY (programme, version)
);

-- +goose Down
DROP TABLE programme_roster;
DROP TABLE programme;
