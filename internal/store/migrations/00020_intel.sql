-- +goose Up
-- Intelligence items. body is the newest version; standing is the newest approved one where the newest is not approved, and only
-- then. place grows with each item and is the row of its words in intel_words: twice place for the newest version, and one more for
-- what is approved. created orders lists; it is a time of staff.
CREATE TABLE intel_item (
    programme   BLOB NOT NULL,
    id          BLOB NOT NULL,
    place       INTEGER NOT NULL,
    number      TEXT NOT NULL,
    created     INTEGER NOT NULL,
    body        BLOB NOT NULL,
    standing    BLOB,
    PRIMARY KEY (programme, id)
);
CREATE UNIQUE INDEX intel_item_place ON intel_item (place);
CREATE UNIQUE INDEX intel_item_number ON intel_item (programme, number);

-- What lists are made of: approved 0 is the newest version, for its desk; approved 1 is the newest approved one, for everybody else.
-- Each is found by what it says itself, never by the other.
CREATE TABLE intel_view (
    programme   BLOB NOT NULL,
    compartment BLOB NOT NULL,
    desk        BLOB NOT NULL,
    approved    INTEGER NOT NULL,
    created     INTEGER NOT NULL,
    item        BLOB NOT NULL,
    state       TEXT NOT NULL,
    category    TEXT NOT NULL,
    seriousness TEXT NOT NULL,
    malicious   INTEGER NOT NULL,
    one_voice   INTEGER NOT NULL,
    review      INTEGER NOT NULL,
    PRIMARY KEY (programme, compartment, approved, desk, created, item)
) WITHOUT ROWID;

CREATE INDEX intel_view_newest ON intel_view (programme, compartment, approved, created, item);

CREATE TABLE intel_version (
    programme BLOB NOT NULL,
    item      BLOB NOT NULL,
    version   INTEGER NOT NULL,
    body      BLOB NOT NULL,
    PRIMARY KEY (programme, item, version)
) WITHOUT ROWID;

-- Which items name a thing: approved 0 for the newest version, 1 for the newest approved one.
CREATE TABLE intel_selector (
    programme   BLOB NOT NULL,
    kind        TEXT NOT NULL,
    value       TEXT NOT NULL,
    approved    INTEGER NOT NULL,
    place       INTEGER NOT NULL,
    item        BLOB NOT NULL,
    PRIMARY KEY (programme, kind, value, approved, place)
) WITHOUT ROWID;
CREATE INDEX intel_selector_of ON intel_selector (programme, item);

CREATE TABLE intel_act (
    programme BLOB NOT NULL,
    item      BLOB NOT NULL,
    id        BLOB NOT NULL,
    who       BLOB NOT NULL,
    at        INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    what      TEXT NOT NULL,
    detail    TEXT NOT NULL,
    PRIMARY KEY (programme, item, seq)
) WITHOUT ROWID;

CREATE TABLE intel_compartment (
    programme BLOB NOT NULL,
    id        BLOB NOT NULL,
    name      TEXT NOT NULL,
    members   TEXT NOT NULL,
    PRIMARY KEY (programme, id)
) WITHOUT ROWID;

CREATE TABLE intel_tombstone (
    programme BLOB NOT NULL,
    item      BLOB NOT NULL,
    number    TEXT NOT NULL,
    PRIMARY KEY (programme, item)
) WITHOUT ROWID;

-- Word stems and the token of who may see them, without the text itself. A search asks for the reader's tokens beside the words, so
-- that nothing else is even counted. secure-delete takes what is deleted out of the index's pages.
CREATE VIRTUAL TABLE intel_words USING fts5 (words, content = '', detail = column, tokenize = 'unicode61 remove_diacritics 0');
INSERT INTO intel_words (intel_words, rank) VALUES ('secure-delete', 1);

-- +goose Down
DROP TABLE intel_words;
DROP TABLE intel_tombstone;
DROP TABLE intel_compartment;
DROP TABLE intel_act;
DROP TABLE intel_selector;
DROP TABLE intel_version;
DROP TABLE intel_view;
DROP TABLE intel_item;
