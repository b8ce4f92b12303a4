-- The journey: people, sessions, factors, enrolments, links, the two outboxes, audit.
-- Columns are BIGINT, TEXT and BLOB only; the other engine's file has the same number, name and columns.
-- *_sealed: AEAD, bound to table, column and row. *_index, *_hash: keyed blind index, SHA-256.

CREATE TABLE instance_mark (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
);

CREATE TABLE person (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    sigla_sealed BLOB NOT NULL,
    sigla_index BLOB NOT NULL UNIQUE,
    cpf_sealed BLOB,
    cpf_index BLOB UNIQUE,
    password_hash TEXT NOT NULL,
    language TEXT NOT NULL,
    -- none | active: the one switch that decides races between activations
    factor_state TEXT NOT NULL DEFAULT 'none',
    email_sealed BLOB,
    blocked_at BIGINT,
    enrolment_approved_until BIGINT,
    last_sign_in_at BIGINT,
    previous_sign_in_at BIGINT,
    created_at BIGINT NOT NULL
);

CREATE TABLE profile (
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    PRIMARY KEY (person_id, kind)
);

CREATE TABLE contact (
    id TEXT PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    address_sealed BLOB NOT NULL,
    address_index BLOB NOT NULL,
    UNIQUE (person_id, address_index)
);

CREATE TABLE session (
    id_hash BLOB PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    stage TEXT NOT NULL,
    purpose TEXT NOT NULL,
    auth_time BIGINT NOT NULL,
    amr TEXT NOT NULL,
    browser TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX session_of_person ON session (person_id);
CREATE INDEX session_by_end ON session (expires_at);

-- browsers that signed in before: their own allowance of attempts (R4)
CREATE TABLE known_browser (
    token_hash BLOB PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL
);

-- subject: a person's id, or the blind index of a login that nobody has (R13)
CREATE TABLE throttle (
    subject TEXT NOT NULL,
    guess TEXT NOT NULL,
    -- '' for strangers, else a known browser
    scope TEXT NOT NULL,
    failures BIGINT NOT NULL,
    judged BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    PRIMARY KEY (subject, guess, scope)
);

CREATE TABLE factor (
    id TEXT PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    -- open: totp today, a passkey next
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    state TEXT NOT NULL,
    secret_sealed BLOB NOT NULL,
    -- the newest step accepted; moves forward only (R1)
    last_step BIGINT NOT NULL,
    -- the newest step that matched a clock that is off
    drift_step BIGINT,
    drift_ahead BIGINT,
    origin TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX factor_of_person ON factor (person_id);

-- steps given away as a hint about a clock: never accepted afterwards
CREATE TABLE burnt_step (
    factor_id TEXT NOT NULL REFERENCES factor (id) ON DELETE CASCADE,
    step BIGINT NOT NULL,
    PRIMARY KEY (factor_id, step)
);

CREATE TABLE enrolment (
    id TEXT PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    browser_hash BLOB NOT NULL,
    secret_sealed BLOB,
    last_step BIGINT NOT NULL,
    email_sealed BLOB,
    browser TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    code_accepted_at BIGINT,
    link_expires_at BIGINT,
    expires_at BIGINT NOT NULL,
    provisional_until BIGINT,
    provisional_uses BIGINT NOT NULL DEFAULT 0,
    activated_at BIGINT,
    ended_at BIGINT
);
-- one pending enrolment a person: a newer QR voids the older in the same transaction
CREATE UNIQUE INDEX enrolment_pending ON enrolment (person_id) WHERE state IN ('scanning', 'mailed');
CREATE INDEX enrolment_by_browser ON enrolment (browser_hash);

-- purposes: activation (confirms an enrolment), not_me (a notice's button)
CREATE TABLE link (
    token_hash BLOB PRIMARY KEY,
    purpose TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    -- none when the activation came from another instance
    enrolment_id TEXT REFERENCES enrolment (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    -- why it no longer works: address (corrected), newer (QR), cancelled
    voided TEXT
);
CREATE INDEX link_of_enrolment ON link (enrolment_id);

-- opens the activated page, and that page only (R14)
CREATE TABLE receipt (
    token_hash BLOB PRIMARY KEY,
    enrolment_id TEXT NOT NULL REFERENCES enrolment (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);

CREATE TABLE mail_outbox (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    enrolment_id TEXT,
    -- who it is for, so that caps hold per address
    to_index BLOB NOT NULL,
    -- wiped once final (R17)
    payload_sealed BLOB,
    -- queued | accepted | failed | dropped
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    next_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL DEFAULT 0,
    give_up_at BIGINT NOT NULL,
    last_fault TEXT,
    created_at BIGINT NOT NULL,
    done_at BIGINT
);
CREATE INDEX mail_due ON mail_outbox (next_at) WHERE state = 'queued';
CREATE INDEX mail_of_enrolment ON mail_outbox (enrolment_id);

CREATE TABLE sync_outbox (
    id TEXT PRIMARY KEY,
    peer TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    enrolment_id TEXT,
    kind TEXT NOT NULL,
    payload_sealed BLOB,
    -- queued | final
    state TEXT NOT NULL,
    outcome TEXT,
    attempts BIGINT NOT NULL DEFAULT 0,
    next_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL DEFAULT 0,
    last_fault TEXT,
    created_at BIGINT NOT NULL,
    done_at BIGINT
);
CREATE INDEX sync_due ON sync_outbox (next_at) WHERE state = 'queued';
CREATE INDEX sync_of_person ON sync_outbox (person_id);

-- what was received: the key of idempotency, and the answer given
CREATE TABLE sync_inbox (
    origin TEXT NOT NULL,
    message_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (origin, message_id)
);

-- plain inserts; chaining and signing is a later batch task's (docs/decisions/0009)
CREATE TABLE audit_detail (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    person_id BIGINT,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL,
    address TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_of_person ON audit_detail (person_id, at);
