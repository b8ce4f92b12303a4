//! Entries approved by number: what a member of the support team sees and may do, and the same for an operator. The desk sees no
//! secret, chooses no credential and changes no address.

use super::account_changes::revoke_everywhere;
use super::people::OperatorServices;
use super::request::circumstances;
use super::security_alerts::{SecurityAlert, alert_security_change};
use super::{Services, Settings, Stop};
use crate::domain::entry::are_enough;
use crate::domain::{
    Actor, AuditEvent, Authority, Circumstances, ClientInfo, Email, EnrolmentState, EntryNumber,
    EntryRequest, EntryState, Person, ProfileKind, Proof, RecoveryWay, Seconds, SecurityChange,
};
use crate::storage::{EntryApproval, Reader, StoreResult, Tx, UnitOfWork};
use app::api::backend::RequestContext;
use app::model::{EntryRefusal, IdentityCheck};
use app::routes;
use app::view::{EntryView, FormState, Problem, WhatHappened};
use std::sync::Arc;

/// Longest reason, in characters.
pub const LONGEST_REASON: usize = 200;
/// Requests that the command line lists at most.
const MOST_LISTED: i64 = 200;

/// The use cases of a member of the support team. Only a full session of such a member with an active factor gives this handle.
pub struct SupportServices<'a> {
    services: &'a Services,
    member: Person,
    authority: Authority,
}

/// An approval was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approved {
    /// The session goes on.
    Done,
    /// A second member, or a supervisor, has to approve too.
    SecondNeeded,
}

/// A request as the command line shows it.
#[derive(Clone, Debug)]
pub struct ListedEntry {
    pub request: EntryRequest,
    pub number: String,
    /// First name and masked sigla.
    pub who: String,
    /// Whether two approvals are needed.
    pub is_supervised: bool,
    pub approvals: usize,
    pub happened: WhatHappened,
}

impl Services {
    /// The handle of the support team. Others learn no more than that there is no such page for them.
    pub async fn for_support(&self, context: &RequestContext) -> Result<SupportServices<'_>, Stop> {
        let mut db = self.read_for(context).await?;
        let (_, member) = db.full_session().await?;
        let authority = if member.profiles.contains(&ProfileKind::SUPERVISOR) {
            Authority::Supervisor
        } else if member.profiles.contains(&ProfileKind::SUPPORT) {
            Authority::Support
        } else {
            return Err(Stop::Redirect(routes::HOME));
        };
        if !member.has_active_factor() {
            return Err(Stop::Redirect(routes::HOME));
        }
        Ok(SupportServices {
            services: self,
            member,
            authority,
        })
    }

    /// What happened since the password of the session that asked, as one sentence tells it.
    async fn what_happened(
        &self,
        db: &mut Reader,
        request: &EntryRequest,
    ) -> StoreResult<WhatHappened> {
        let now = self.now();
        let facts = db
            .code_facts(request.person, request.created_at - Seconds::hours(1), now)
            .await?;
        Ok(WhatHappened {
            password_at: db
                .password_time(&request.session)
                .await?
                .unwrap_or(request.created_at)
                .0,
            wrong_codes: facts.wrong_codes,
            clock_steps: facts.clock_steps,
            locked_until: facts.locked_until.map(|until| until.0),
        })
    }

    async fn listed_entry(
        &self,
        db: &mut Reader,
        request: EntryRequest,
    ) -> StoreResult<ListedEntry> {
        let person = db.person(request.person).await?;
        Ok(ListedEntry {
            happened: self.what_happened(db, &request).await?,
            who: person.masked_name(),
            is_supervised: self.settings.recovery.is_supervised(&person.profiles),
            approvals: db.entry_approvals(&request.id).await?.len(),
            number: request
                .number
                .as_ref()
                .map_or_else(String::new, |number| number.as_str().to_owned()),
            request,
        })
    }

    async fn approve(
        &self,
        number: &str,
        given: EntryApproval,
        check: IdentityCheck,
        reason: &str,
        done: Circumstances,
    ) -> StoreResult<Result<Approved, EntryRefusal>> {
        let Some(number) = EntryNumber::parse(number) else {
            return Ok(Err(EntryRefusal::Unknown));
        };
        let unit = Approval {
            number,
            given,
            check,
            reason: reason.to_owned(),
            settings: self.settings.clone(),
            alert: self.security_alert(done),
        };
        self.store.write(unit).await
    }
}

impl SupportServices<'_> {
    /// The view of the request with this number.
    pub async fn entry(&self, typed: &str) -> Result<EntryView, Stop> {
        let services = self.services;
        let unknown = || Stop::invalid("number", Problem::Entry(EntryRefusal::Unknown));
        let number = EntryNumber::parse(typed).ok_or_else(unknown)?;
        let mut db = services.store.reader().await?;
        let request = db.entry_by_number(&number, services.now()).await?;
        let request = request.ok_or_else(unknown)?;
        let person = db.person(request.person).await?;
        let contacts = db.contacts(person.id).await?;
        let personal = db.personal_email(person.id).await?;
        let emails = personal.iter().chain(&contacts).map(Email::masked);
        let approvals = db.entry_approvals(&request.id).await?;
        Ok(EntryView {
            form: FormState::default(),
            number: number.as_str().to_owned(),
            happened: services.what_happened(&mut db, &request).await?,
            sigla: person.sigla.masked(),
            profiles: person
                .profiles
                .iter()
                .map(|profile| profile.as_str().to_owned())
                .collect(),
            emails: emails.collect(),
            ip: request.client.ip_text(),
            browser: request.client.browser,
            until: request.expires_at.0,
            is_stolen: request.is_stolen,
            checks: services.settings.recovery.checks.clone(),
            needs_second: services.settings.recovery.is_supervised(&person.profiles),
            approvals: approvals.len(),
            name: person.name,
        })
    }

    /// Approves the request with this number. The member's own code was checked by the caller.
    pub async fn approve(
        &self,
        context: &RequestContext,
        number: &str,
        check: IdentityCheck,
        reason: &str,
    ) -> Result<Result<Approved, EntryRefusal>, Stop> {
        let approval = EntryApproval {
            approver: self.member.id.to_string(),
            authority: self.authority,
        };
        let done = circumstances(context, self.services.now());
        Ok(self
            .services
            .approve(number, approval, check, reason, done)
            .await?)
    }

    /// Whether the operator allows this check.
    pub fn allows(&self, check: IdentityCheck) -> bool {
        self.services.settings.recovery.checks.contains(&check)
    }
}

impl OperatorServices<'_> {
    /// The requests by number that wait, the oldest first.
    pub async fn list_entries(&self) -> StoreResult<Vec<ListedEntry>> {
        let services = self.services;
        let mut db = services.store.reader().await?;
        let requests = db.waiting_entries(MOST_LISTED, services.now()).await?;
        let mut listed = Vec::with_capacity(requests.len());
        for request in requests {
            listed.push(services.listed_entry(&mut db, request).await?);
        }
        Ok(listed)
    }

    /// Approves the request with this number, when the web is down.
    pub async fn approve_entry(
        &self,
        number: &str,
        check: IdentityCheck,
        reason: &str,
    ) -> StoreResult<Result<Approved, EntryRefusal>> {
        let services = self.services;
        let approval = EntryApproval {
            approver: self.name.clone(),
            authority: Authority::Operator,
        };
        let done = Circumstances {
            at: services.now(),
            client: ClientInfo::default(),
        };
        services
            .approve(number, approval, check, reason, done)
            .await
    }
}

struct Approval {
    number: EntryNumber,
    given: EntryApproval,
    check: IdentityCheck,
    reason: String,
    settings: Arc<Settings>,
    alert: SecurityAlert,
}

impl UnitOfWork for Approval {
    type Output = Result<Approved, EntryRefusal>;

    async fn run(&self, tx: &mut Tx) -> StoreResult<Self::Output> {
        let now = self.alert.now();
        let Some(found) = tx.entry_by_number(&self.number, now).await? else {
            return Ok(Err(EntryRefusal::Unknown));
        };
        // approvals of one member wait for each other, so that they pass no cap together
        if let Ok(member) = self.given.approver.parse() {
            tx.lock_person(member).await?;
        }
        tx.lock_person(found.person).await?;
        // read again behind the lock: it may have been approved, or ended by a block or a new password, meanwhile
        let request = tx.entry_by_number(&self.number, now).await?;
        let Some(request) = request.filter(|request| request.id == found.id) else {
            return Ok(Err(EntryRefusal::Unknown));
        };
        let session = tx
            .live_session(&request.session, &self.settings.sessions, now)
            .await?;
        if session.is_none() {
            return Ok(Err(EntryRefusal::Unknown));
        }
        let person = tx.person(request.person).await?;
        if let Some(refusal) = self.refusal(tx, &person).await? {
            return Ok(Err(refusal));
        }
        let (approval, reason) = (&self.given, &self.reason);
        if !tx
            .insert_approval(&request.id, approval, self.check, reason, now)
            .await?
        {
            return Ok(Err(EntryRefusal::Twice));
        }
        let given = authorities(tx, &request.id).await?;
        if !are_enough(
            &given,
            self.settings.recovery.is_supervised(&person.profiles),
        ) {
            self.audit(tx, &person, AuditEvent::EntryRecommended)
                .await?;
            return Ok(Ok(Approved::SecondNeeded));
        }
        self.let_enrol(tx, &person, &request).await?;
        self.audit(tx, &person, AuditEvent::EntryApproved).await?;
        Ok(Ok(Approved::Done))
    }
}

impl Approval {
    /// Why this member may not approve an entry of this person; `None` when the member may.
    async fn refusal(&self, tx: &mut Tx, person: &Person) -> StoreResult<Option<EntryRefusal>> {
        let EntryApproval {
            approver,
            authority,
        } = &self.given;
        if person.blocked_at.is_some() {
            return Ok(Some(EntryRefusal::Blocked));
        }
        if *authority == Authority::Operator {
            return Ok(None);
        }
        if *approver == person.id.to_string() {
            return Ok(Some(EntryRefusal::Own));
        }
        let since = self.alert.now() - Seconds::days(1);
        let given = tx.count_approvals(approver, since).await?;
        Ok((given >= self.settings.recovery.approvals_per_day).then_some(EntryRefusal::TooMany))
    }

    /// Lets the session that asked enrol, and after a theft revokes what is on the phone. The personal email stays.
    async fn let_enrol(
        &self,
        tx: &mut Tx,
        person: &Person,
        request: &EntryRequest,
    ) -> StoreResult<()> {
        let (id, now) = (person.id, self.alert.now());
        let change = if request.is_stolen {
            SecurityChange::PhoneStolen
        } else {
            SecurityChange::EntryApproved
        };
        // the mail tells of the browser that goes on, not of the desk's
        let alert = self.alert.about(request.client.clone());
        alert_security_change(tx, person, &alert, change).await?;
        // what a thief has begun ends; the request itself is moved below
        if request.is_stolen {
            tx.end_pending_enrolment(id, EnrolmentState::Cancelled, &self.settings.sessions, now)
                .await?;
            let proof = Proof::Support {
                approvals: authorities(tx, &request.id).await?,
            };
            revoke_everywhere(tx, id, proof, true, now).await?;
            tx.doubt_personal_email(id).await?;
            tx.end_other_sessions(id, &request.session, now).await?;
            tx.forget_browsers(id).await?;
        }
        tx.move_entry_request(&request.id, EntryState::Approved, now)
            .await?;
        tx.end_entry_requests(id).await?;
        let until = now + self.settings.sessions.enrolling;
        tx.grant_recovery(&request.session, RecoveryWay::Support, until, now)
            .await?;
        Ok(())
    }

    async fn audit(&self, tx: &mut Tx, person: &Person, event: AuditEvent) -> StoreResult<()> {
        let actor = match self.given.authority {
            Authority::Operator => Actor::Operator(self.given.approver.clone()),
            Authority::Support | Authority::Supervisor => {
                Actor::Support(self.given.approver.clone())
            }
        };
        let client = &self.alert.circumstances().client;
        let detail = format!("{}: {}", self.check.code(), self.reason);
        let now = self.alert.now();
        tx.audit(&actor, event, Some(person.id), client, &detail, now)
            .await
    }
}

/// By what rights a request was approved.
async fn authorities(tx: &mut Tx, request: &str) -> StoreResult<Vec<Authority>> {
    let approvals = tx.entry_approvals(request).await?;
    Ok(approvals.into_iter().map(|given| given.authority).collect())
}
