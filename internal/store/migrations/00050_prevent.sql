-- +goose Up
-- Signed figures for the public: the bytes that were signed, never changed.
CREATE TABLE prevent_publication (
    programme BLOB NOT NULL,
    number    INTEGER NOT NULL,
    body      BLOB NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (programme, number)
);

-- +goose Down
DROP TABLE prevent_publication;
