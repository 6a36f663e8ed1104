-- +goose Up
-- Who works here. Times are Unix seconds: these are staff, not reporters.
CREATE TABLE people_account (
    id          BLOB NOT NULL PRIMARY KEY,
    handle      TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    language    TEXT NOT NULL,
    state       TEXT NOT NULL,
    created     INTEGER NOT NULL,
    recipient   TEXT NOT NULL,
    signing_key BLOB NOT NULL
);

-- A role of a programme has zeros for its desk.
CREATE TABLE people_assignment (
    account   BLOB NOT NULL,
    programme BLOB NOT NULL,
    desk      BLOB NOT NULL,
    role      TEXT NOT NULL,
    PRIMARY KEY (account, programme, desk, role)
) WITHOUT ROWID;
CREATE INDEX people_assignment_programme ON people_assignment (programme);

-- Salt of the passphrase, keyed hash of the login, keys wrapped under the passphrase.
CREATE TABLE people_secret (
    account  BLOB NOT NULL PRIMARY KEY,
    salt     BLOB NOT NULL,
    verifier BLOB NOT NULL,
    wrapped  BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE people_invitation (
    account   BLOB NOT NULL PRIMARY KEY,
    token     BLOB NOT NULL UNIQUE,
    expires   INTEGER NOT NULL,
    invitedby BLOB NOT NULL
);

CREATE TABLE people_session (
    id      BLOB NOT NULL PRIMARY KEY,
    account BLOB NOT NULL,
    token   BLOB NOT NULL UNIQUE,
    created INTEGER NOT NULL,
    seen    INTEGER NOT NULL,
    label   TEXT NOT NULL
);
CREATE INDEX people_session_account ON people_session (account);

-- The public half of each epoch of a desk's key.
CREATE TABLE people_epoch (
    programme BLOB NOT NULL,
    desk      BLOB NOT NULL,
    epoch     INTEGER NOT NULL,
    recipient TEXT NOT NULL,
    madeby    BLOB NOT NULL,
    made      INTEGER NOT NULL,
    PRIMARY KEY (programme, desk, epoch)
);

-- A desk's private keys, sealed to one member.
CREATE TABLE people_package (
    programme BLOB NOT NULL,
    desk      BLOB NOT NULL,
    member    BLOB NOT NULL,
    epoch     INTEGER NOT NULL,
    body      BLOB NOT NULL,
    givenby   BLOB NOT NULL,
    given     INTEGER NOT NULL,
    PRIMARY KEY (programme, desk, member)
);

CREATE TABLE people_shift (
    id        BLOB NOT NULL PRIMARY KEY,
    programme BLOB NOT NULL,
    desk      BLOB NOT NULL,
    account   BLOB NOT NULL,
    starts    INTEGER NOT NULL,
    ends      INTEGER NOT NULL
);
CREATE INDEX people_shift_desk ON people_shift (programme, desk, ends);

CREATE TABLE people_alerts (
    account BLOB NOT NULL PRIMARY KEY,
    browser INTEGER NOT NULL,
    email   TEXT NOT NULL
) WITHOUT ROWID;

-- +goose Down
DROP TABLE people_alerts;
DROP TABLE people_shift;
DROP TABLE people_package;
DROP TABLE people_epoch;
DROP TABLE people_session;
DROP TABLE people_invitation;
DROP TABLE people_secret;
DROP TABLE people_assignment;
DROP TABLE people_account;
