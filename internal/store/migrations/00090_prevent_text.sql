-- +goose Up
-- What programmes write for their public: every version of every text, and
-- what was done to each. A version that was sent is never altered.
CREATE TABLE prevent_text (
    programme BLOB NOT NULL,
    text      TEXT NOT NULL,
    number    INTEGER NOT NULL,
    sort      TEXT NOT NULL,
    body      BLOB NOT NULL,
    note      TEXT NOT NULL,
    base      INTEGER NOT NULL,
    undoes    INTEGER NOT NULL,
    state     TEXT NOT NULL,
    revision  INTEGER NOT NULL,
    writer    BLOB NOT NULL,
    written   INTEGER NOT NULL,
    judge     BLOB NOT NULL,
    judged    INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    shows     INTEGER NOT NULL,
    PRIMARY KEY (programme, text, number)
);
CREATE INDEX prevent_text_state ON prevent_text (state, programme, shows);

CREATE TABLE prevent_text_act (
    number    INTEGER NOT NULL PRIMARY KEY,
    programme BLOB NOT NULL,
    text      TEXT NOT NULL,
    version   INTEGER NOT NULL,
    did       TEXT NOT NULL,
    by_whom   BLOB NOT NULL,
    at        INTEGER NOT NULL,
    reason    TEXT NOT NULL
);
CREATE INDEX prevent_text_act_text ON prevent_text_act (programme, text, number);

-- +goose Down
DROP TABLE prevent_text_act;
DROP TABLE prevent_text;
