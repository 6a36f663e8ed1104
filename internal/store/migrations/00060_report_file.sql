-- +goose Up
-- What the server knows of the files of sealed reports; their ciphertext lies outside the database. seq is 0 while pieces still come.
CREATE TABLE report_file (
    programme BLOB NOT NULL,
    report    BLOB NOT NULL,
    blob      BLOB NOT NULL,
    bytes     INTEGER NOT NULL,
    hour      INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    PRIMARY KEY (programme, report, blob)
) WITHOUT ROWID;
CREATE UNIQUE INDEX report_file_blob ON report_file (blob);
CREATE INDEX report_file_size ON report_file (programme, bytes);

-- +goose Down
DROP TABLE report_file;
