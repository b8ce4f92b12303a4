//! Code and address: judged, and the link mailed, in one transaction (R8, R16, R17).

use super::{AddressTrouble, CodeTrouble, Step, Submitted, mailing::Mailing};
use crate::{
    domain::{
        address::{self, AddressError, MailAddress},
        enrolment::EnrolmentState,
        time::Timestamp,
        totp::{Judgement, OneTimeCode},
    },
    services::{Outcome, Services, Visitor, sign_in::Next},
    storage::{StoreResult, Tx},
};

impl Services {
    /// Judges a typed address (R16). `confirmed` is the answer to the question about a probable
    /// slip: the address as it was typed, or the suggestion, which then takes its place.
    pub fn judge_address(
        &self,
        typed: &str,
        confirmed: &str,
    ) -> Result<MailAddress, AddressTrouble> {
        if typed.trim().is_empty() {
            return Err(AddressTrouble::Missing);
        }
        let parsed = MailAddress::parse(typed).map_err(|error| match error {
            AddressError::TooLong => AddressTrouble::TooLong,
            _ => AddressTrouble::Syntax,
        })?;
        if let Some(suffix) = self.settings.suffixes.refuses(&parsed) {
            return Err(AddressTrouble::Institutional(suffix.to_owned()));
        }
        match address::suggestion(&parsed) {
            Some(suggestion) if confirmed.trim() == suggestion => {
                // of an allowed address to another: judged as if it had been typed
                self.judge_address(&suggestion, &suggestion)
            }
            Some(suggestion) if confirmed.trim() != typed.trim() => {
                Err(AddressTrouble::Suggestion(suggestion))
            }
            _ => Ok(parsed),
        }
    }

    /// Code and address. The address is judged first, so that a code is not used up in vain. Codes
    /// are not throttled here: whoever sees this page has the secret.
    pub async fn submit(
        &self,
        visitor: &Visitor,
        code: &str,
        typed: &str,
        confirmed: &str,
    ) -> Outcome<Step<Submitted>> {
        let (_, person) = match self.enrolling(visitor).await? {
            Step::Done(found) => found,
            other => return Ok(other.cast()),
        };
        let now = self.now();
        let own = self.own_enrolment(visitor, Some(person.id)).await?;
        let (Some(own), Some(token)) = (own, &visitor.enrolment) else {
            return Ok(Step::Gone);
        };
        if own.is_mailed(now) {
            return Ok(Step::Elsewhere(Next::MailSent));
        }
        if !own.shows_secret_to(&token.hash().0, now) {
            return Ok(Step::Gone);
        }
        let address = self.judge_address(typed, confirmed);
        let parsed = OneTimeCode::parse(code);
        let code_trouble = match &parsed {
            None if code.trim().is_empty() => Some(CodeTrouble::Missing),
            None => Some(CodeTrouble::Shape),
            Some(_) => None,
        };
        let (Some(code), Ok(address)) = (&parsed, &address) else {
            let code = match parsed {
                Some(code) => Some(self.judge_beforehand(own.id, code).await?),
                None => code_trouble,
            };
            let address = address.err();
            return Ok(Step::Done(Submitted::Mend { code, address }));
        };
        let policy = &self.settings.policy;
        let input = Submission {
            code: code.clone(),
            provisional_until: policy.provisional_until(&person.profiles, now),
            mailing: self.mailing(visitor, &person, own.id, address),
        };
        let done = self
            .store
            .write(input, |tx, i| Box::pin(async move { i.write(tx).await }))
            .await?;
        self.nudge.notify_waiters();
        Ok(match done {
            Some(submitted) => Step::Done(submitted),
            None => Step::Gone,
        })
    }
}

impl Services {
    /// What to say of a code that comes with an address to be mended: it is not used up, and not
    /// kept either.
    async fn judge_beforehand(&self, enrolment: String, code: OneTimeCode) -> Outcome<CodeTrouble> {
        let (secret, last_step) = self
            .store
            .read(enrolment, |tx, id| {
                Box::pin(async move {
                    let last_step = tx.enrolment(&id).await?.last_step;
                    Ok((tx.pending_secret(&id).await?, last_step))
                })
            })
            .await?;
        let judged = secret.judge(&code, self.now(), last_step);
        Ok(trouble_of(&judged).unwrap_or(CodeTrouble::Again))
    }
}

/// What is wrong with a code at enrolment, if anything is.
const fn trouble_of(judged: &Judgement) -> Option<CodeTrouble> {
    match judged {
        Judgement::Accepted { .. } => None,
        Judgement::ClockOff { ahead, .. } => Some(CodeTrouble::ClockOff(*ahead)),
        Judgement::AlreadyUsed | Judgement::Wrong => Some(CodeTrouble::Wrong),
    }
}

struct Submission {
    code: OneTimeCode,
    provisional_until: Option<Timestamp>,
    mailing: Mailing,
}

impl Submission {
    /// `None`: the enrolment is no longer what it was.
    async fn write(&self, tx: &mut Tx) -> StoreResult<Option<Submitted>> {
        let mailing = &self.mailing;
        let (id, now) = (mailing.enrolment.as_str(), mailing.now);
        tx.lock_person(mailing.person.id).await?;
        let enrolment = tx.enrolment(id).await?;
        if enrolment.state != EnrolmentState::Scanning || !enrolment.is_pending(now) {
            return Ok(None);
        }
        let secret = tx.pending_secret(id).await?;
        let judged = secret.judge(&self.code, now, enrolment.last_step);
        let Judgement::Accepted { step } = judged else {
            return Ok(Some(Submitted::Mend {
                code: trouble_of(&judged),
                address: None,
            }));
        };
        // behind the code, which it does not use up: to others it would tell who got mail
        if let Some(wait) = mailing.must_wait(tx).await? {
            return Ok(Some(Submitted::Wait(wait)));
        }
        if !tx
            .accept_code(id, step, self.provisional_until, now)
            .await?
        {
            return Ok(None);
        }
        mailing.write(tx).await?;
        let address = &mailing.circumstances.address;
        let person = Some(mailing.person.id);
        tx.audit(now, person, "enrolment", "code_accepted", address, "")
            .await?;
        Ok(Some(Submitted::Mailed))
    }
}
