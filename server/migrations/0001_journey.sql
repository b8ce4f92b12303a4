-- The journey: people, factors, sessions, enrolments, links, the outbox, audit.
-- One text for both engines, in SQLite's words: storage/migrate.rs says what PostgreSQL reads instead.
-- Types are BIGINT, TEXT and BLOB only. *_at, *_until: seconds since the Unix epoch. *_sealed: AEAD, bound to
-- table, column and row. *_index: keyed blind index. *_hash: SHA-256.

-- what this database belongs to: the key it is sealed with
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
    -- the personal address, confirmed by an activation
    email_sealed BLOB,
    -- 1 after a stolen phone, which may hold the mailbox too: it is no way back until it is confirmed again
    email_doubtful BIGINT NOT NULL DEFAULT 0,
    last_sign_in_at BIGINT,
    previous_sign_in_at BIGINT,
    -- when the owner typed a recovery code to show that they are kept, and when the home page's offer of them was hidden
    codes_kept_at BIGINT,
    codes_offer_hidden_at BIGINT,
    created_at BIGINT NOT NULL
);

-- One row a person: every change of what guards the account is a conditional statement on it, so that two changes
-- of one person never both win, and it is what a change of the set of factors would be authenticated by.
CREATE TABLE person_security (
    person_id BIGINT PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
    -- grows by one with every change of this row
    version BIGINT NOT NULL,
    -- none | active | revoked (taken away: the password alone neither opens nor enrols)
    factor_state TEXT NOT NULL,
    -- the instance whose change left no factor
    closed_by TEXT,
    blocked_at BIGINT,
    -- 1 after a block: somebody else may know the password, and only a new one lets the account be opened again
    new_password_needed BIGINT NOT NULL DEFAULT 0,
    enrolment_approved_until BIGINT,
    -- the greatest revision of any change of this person that is known here, made here or elsewhere (Lamport)
    revision_counter BIGINT NOT NULL,
    -- revision of the change that set the password, and of the one that set the personal address: the newest wins
    password_counter BIGINT NOT NULL DEFAULT 0,
    password_instance TEXT NOT NULL DEFAULT '',
    email_counter BIGINT NOT NULL DEFAULT 0,
    email_instance TEXT NOT NULL DEFAULT ''
);

-- What is known here of one person's changes at one instance, this one among them.
CREATE TABLE person_revision (
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    instance TEXT NOT NULL,
    -- the newest of its changes that was answered here, whatever the answer was
    seen BIGINT NOT NULL DEFAULT 0,
    -- the newest of its changes that revoked every factor, and the newest that replaced every factor by one; 0: none, or it was beaten
    revoked_all BIGINT NOT NULL DEFAULT 0,
    replaced_all BIGINT NOT NULL DEFAULT 0,
    -- its block that was not lifted since; 0: none
    blocked BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (person_id, instance)
);

CREATE TABLE profile (
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    PRIMARY KEY (person_id, kind)
);

CREATE TABLE contact (
    id TEXT PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    email_sealed BLOB NOT NULL,
    email_index BLOB NOT NULL,
    UNIQUE (person_id, email_index)
);

-- An import on its way (person import). Once it is decided it is carried through, by whoever finds it.
CREATE TABLE import (
    id TEXT PRIMARY KEY,
    -- the operator, for the audit
    actor TEXT NOT NULL,
    begun_at BIGINT NOT NULL,
    -- when it was found to conflict with nobody
    decided_at BIGINT
);

-- one row: how many imports were decided, so that each is compared with all before it
CREATE TABLE import_counter (
    decided BIGINT NOT NULL
);
INSERT INTO import_counter (decided) VALUES (0);

-- the columns of person, and for one comparison more: the sigla as a CPF would be found, and the CPF as a sigla
CREATE TABLE staged_person (
    import_id TEXT NOT NULL,
    line BIGINT NOT NULL,
    id BIGINT NOT NULL,
    name TEXT NOT NULL,
    sigla_sealed BLOB NOT NULL,
    sigla_index BLOB NOT NULL,
    sigla_as_cpf BLOB,
    cpf_sealed BLOB,
    cpf_index BLOB,
    cpf_as_sigla BLOB,
    password_hash TEXT NOT NULL,
    language TEXT NOT NULL,
    PRIMARY KEY (import_id, line)
);

CREATE TABLE staged_profile (
    import_id TEXT NOT NULL,
    line BIGINT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (import_id, line, kind)
);

CREATE TABLE staged_contact (
    import_id TEXT NOT NULL,
    line BIGINT NOT NULL,
    id TEXT NOT NULL,
    email_sealed BLOB NOT NULL,
    email_index BLOB NOT NULL,
    PRIMARY KEY (import_id, line, email_index)
);

CREATE TABLE session (
    id_hash BLOB PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    -- password | full
    stage TEXT NOT NULL,
    -- where the sign-in leads: enter | second-factor; a stored request of another system has its own form here
    continue_to TEXT NOT NULL,
    -- opened by the code of an authenticator that is not confirmed yet (1) or not (0)
    provisional BIGINT NOT NULL,
    -- stolen | mailbox | support: why this password-only session may enrol although a factor is active or revoked
    recovery TEXT,
    -- when the newest proof was given (OIDC auth_time)
    auth_time BIGINT NOT NULL,
    browser TEXT NOT NULL,
    ip TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    -- when the owner is told that the password was right and no code followed (R33); none: nothing to tell
    code_due_at BIGINT
);
CREATE INDEX session_of_person ON session (person_id);
CREATE INDEX session_by_end ON session (expires_at);
CREATE INDEX session_without_code ON session (code_due_at) WHERE code_due_at IS NOT NULL;

-- What was proven in a session. amr and acr are computed from these rows and stored nowhere.
CREATE TABLE session_authentication (
    session_hash BLOB NOT NULL REFERENCES session (id_hash) ON DELETE CASCADE,
    -- password | totp | recovery_code
    kind TEXT NOT NULL,
    -- which factor; '' where the kind has none, or it is not active yet
    factor_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (session_hash, kind, factor_id)
);

-- Browsers that signed a person in before: their own allowance of attempts (R4). Being known is no trust: a browser
-- that need not give a code has a row elsewhere, with a label, an end and a revocation of its own.
CREATE TABLE known_browser (
    token_hash BLOB NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    PRIMARY KEY (token_hash, person_id)
);

CREATE TABLE throttle (
    -- a person's id, or the blind index of a login that nobody has (R13)
    subject TEXT NOT NULL,
    -- password | code | recovery_code
    attempt_kind TEXT NOT NULL,
    -- where attempts come from: a known browser, else a network (192.0.2.0/24, or unknown); '' counts over all
    source TEXT NOT NULL,
    failures BIGINT NOT NULL,
    judged BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    newest_at BIGINT NOT NULL,
    PRIMARY KEY (subject, attempt_kind, source)
);
CREATE INDEX throttle_by_age ON throttle (newest_at);

-- Failed passwords of one network over all accounts (R31). A full budget has refilled_at in the past; each failure moves it
-- by the time that one failure takes to be forgotten.
CREATE TABLE network_budget (
    network TEXT PRIMARY KEY,
    refilled_at BIGINT NOT NULL
);

-- when each alarm was last given, so that replicas and repetitions give one
CREATE TABLE alarm (
    name TEXT PRIMARY KEY,
    given_at BIGINT NOT NULL
);

-- what every factor has
CREATE TABLE factor (
    id TEXT PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    -- totp; what only one kind has stands in a table of that kind (a passkey's with its relying-party id)
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    -- active | revoked
    state TEXT NOT NULL,
    -- enrolment | sync: how it came here
    source TEXT NOT NULL,
    -- the enrolment that made it, where it was made here
    enrolment_id TEXT UNIQUE,
    -- the instance at which it was enrolled, and its id there: its name at every instance
    home_instance TEXT NOT NULL,
    home_id TEXT NOT NULL,
    -- the proof behind it, as other instances are told (JSON)
    proof TEXT NOT NULL,
    -- revision of the change that added it, at its home instance
    added_counter BIGINT NOT NULL,
    -- whether it took the place of every factor of before (1)
    replaced_all BIGINT NOT NULL,
    -- the newest change of each other instance that its home had answered before (JSON)
    seen TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    -- replaced | superseded | revoked, and the revision of the change that ended it
    ended_as TEXT,
    ended_counter BIGINT,
    ended_instance TEXT,
    -- an ended factor stays, so that no late message makes it active again
    UNIQUE (person_id, home_instance, home_id)
);
CREATE INDEX factor_of_person ON factor (person_id);

-- what only a TOTP has; gone once the factor is revoked
CREATE TABLE totp (
    factor_id TEXT PRIMARY KEY REFERENCES factor (id) ON DELETE CASCADE,
    -- 16 to 64 bytes
    secret_sealed BLOB NOT NULL,
    -- the newest time step accepted; moves forward only (R1)
    last_step BIGINT NOT NULL,
    -- when a code was last accepted: here, so that one statement uses up the step and notes it
    last_used_at BIGINT,
    -- the newest time step that matched a clock that is off, and by how many steps
    drift_step BIGINT,
    drift_ahead BIGINT
);

-- time steps whose code was answered with a hint about a clock: never accepted afterwards
CREATE TABLE revealed_step (
    factor_id TEXT NOT NULL REFERENCES factor (id) ON DELETE CASCADE,
    step BIGINT NOT NULL,
    PRIMARY KEY (factor_id, step)
);

-- Recovery codes: each works once, and all of a person are made together. They are shown once; what stands here is a keyed
-- blind index, so that a stolen database gives nobody a code to type (R30).
CREATE TABLE recovery_code (
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    code_index BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (person_id, code_index)
);

CREATE TABLE enrolment (
    id TEXT PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    -- scanning | mailed | activated | cancelled | voided
    state TEXT NOT NULL,
    -- first | additional | replacement
    purpose TEXT NOT NULL,
    -- the factor that a replacement revokes; none: every active one
    replaces_factor TEXT REFERENCES factor (id) ON DELETE CASCADE,
    -- the proof with which it was begun, as other instances are told (JSON)
    proof TEXT NOT NULL,
    -- the name that the factor will have
    label TEXT NOT NULL,
    browser_hash BLOB NOT NULL,
    secret_sealed BLOB,
    last_step BIGINT NOT NULL,
    email_sealed BLOB,
    browser TEXT NOT NULL,
    ip TEXT NOT NULL,
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

-- Requests to get in without the phone. The support team approves one by its number, and then the session that asked may enrol;
-- for the other way a link is mailed to the personal address after a waiting time.
CREATE TABLE entry_request (
    id TEXT PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    -- support | mailbox
    way TEXT NOT NULL,
    -- what the person tells the support team
    number TEXT,
    -- the session that asked: an approval is for it alone
    session_hash BLOB NOT NULL,
    -- 1: the phone was stolen, so an approval revokes what is on it
    stolen BIGINT NOT NULL,
    -- waiting | mailed | approved | ended
    state TEXT NOT NULL,
    browser TEXT NOT NULL,
    ip TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- when the link is mailed
    ready_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX entry_number ON entry_request (number) WHERE state = 'waiting';
CREATE UNIQUE INDEX entry_of_mailbox ON entry_request (person_id) WHERE way = 'mailbox' AND state IN ('waiting', 'mailed');
CREATE INDEX entry_of_session ON entry_request (session_hash) WHERE way = 'support' AND state = 'waiting';
CREATE INDEX entry_of_person ON entry_request (person_id);
CREATE INDEX entry_ready ON entry_request (ready_at) WHERE way = 'mailbox' AND state = 'waiting';

-- who approved, and what they had checked; people with privileges need two
CREATE TABLE entry_approval (
    request_id TEXT NOT NULL REFERENCES entry_request (id) ON DELETE CASCADE,
    -- a person's id, or the name of an operator
    approver TEXT NOT NULL,
    -- support | supervisor | operator
    authority TEXT NOT NULL,
    -- in_person | video | call_back
    identity_check TEXT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (request_id, approver)
);
CREATE INDEX entry_approval_of_approver ON entry_approval (approver, at);

CREATE TABLE link (
    token_hash BLOB PRIMARY KEY,
    -- activation (confirms an enrolment) | not_me (the button of a security alert) | sign_in (lets one browser try again)
    -- | recovery (with the password, leads into an enrolment without the phone)
    purpose TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    -- the enrolment it confirms, or whose beginning the alert tells
    enrolment_id TEXT REFERENCES enrolment (id) ON DELETE CASCADE,
    -- the factor whose activation the alert tells: what its button takes back
    factor_id TEXT REFERENCES factor (id) ON DELETE CASCADE,
    -- the change that the alert tells, where it tells neither of these
    about TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    -- email_corrected | newer_qr | cancelled: why it no longer works
    voided TEXT
);
CREATE INDEX link_of_enrolment ON link (enrolment_id);
CREATE INDEX link_of_person ON link (person_id, purpose, created_at);

-- opens the activated page, and that page only (R14)
CREATE TABLE receipt (
    token_hash BLOB PRIMARY KEY,
    enrolment_id TEXT NOT NULL REFERENCES enrolment (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);

-- What is to be handed to somebody else, written in the transaction that causes it and leased by a worker (R17, R24).
CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    -- mail | sync
    channel TEXT NOT NULL,
    -- '' for the mail server, else the name of a peer
    destination TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    -- order within (destination, person): nothing is handed over before what has a smaller one; 0 where order is
    -- of no matter
    revision BIGINT NOT NULL,
    kind TEXT NOT NULL,
    enrolment_id TEXT,
    -- the factor whose secret the payload holds
    factor_id TEXT,
    -- blind index of the address a mail goes to, so that caps hold per mailbox
    email_index BLOB,
    -- wiped once the row is final
    payload_sealed BLOB,
    -- queued | done | failed | withdrawn
    state TEXT NOT NULL,
    -- the destination's business answer
    outcome TEXT,
    attempts BIGINT NOT NULL DEFAULT 0,
    next_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL DEFAULT 0,
    -- after this it is of no use; none: tried for ever
    give_up_at BIGINT,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    done_at BIGINT
);
CREATE INDEX outbox_due ON outbox (channel, destination, next_at) WHERE state = 'queued';
CREATE INDEX outbox_queued_of_person ON outbox (destination, person_id) WHERE state = 'queued';
CREATE INDEX outbox_of_person ON outbox (person_id);
CREATE INDEX outbox_of_enrolment ON outbox (enrolment_id);
CREATE INDEX outbox_of_mailbox ON outbox (email_index);

-- what was received: the key of idempotency, and the answer given
CREATE TABLE sync_inbox (
    issuer TEXT NOT NULL,
    message_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    -- with the outcome stale: the newest revision of the issuer that is known here
    known BIGINT,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, message_id)
);

-- Whom another instance has told of and nobody here was: once the person is registered, that instance is asked for what was missed.
CREATE TABLE unknown_person (
    issuer TEXT NOT NULL,
    sigla_index BLOB NOT NULL,
    cpf_index BLOB,
    at BIGINT NOT NULL,
    PRIMARY KEY (issuer, sigla_index)
);

-- Plain inserts in the order of the database; chaining and signing is a later batch task's (docs/decisions/0009).
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at BIGINT NOT NULL,
    -- visitor | person | support | operator | peer | system, and who of them
    actor_kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    -- whom it is about, where that is known
    person_id BIGINT,
    event TEXT NOT NULL,
    outcome TEXT NOT NULL,
    ip TEXT NOT NULL,
    -- the network of ip; '' where there is none
    network TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_of_person ON audit (person_id, at);
CREATE INDEX audit_by_age ON audit (at);
-- what alarms are counted from
CREATE INDEX audit_failed ON audit (outcome, at) WHERE outcome IN ('mismatch', 'wait');
