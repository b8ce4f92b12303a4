//! People whose activation waits for its link, written into the databases of two instances, for measurements and fault loops: hundreds of
//! sign-ins and mails on the way there would take longer than what is looked at.

use server::ambient::SystemEntropy;
use server::domain::password::decoy;
use server::domain::token::row_id;
use server::domain::{
    ClientInfo, Cpf, Email, EnrolmentPurpose, Link, LinkPurpose, NewPerson, PersonId, ProfileKind,
    Proof, Seconds, SessionLimits, Sigla, Timestamp, Token, TotpSecret,
};
use server::ports::Entropy;
use server::services::Services;
use server::services::people::STAGED_AT_ONCE;
use server::storage::{NewEnrolment, StoreResult, Tx};
use std::error::Error;
use std::ops::Range;

pub type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Somebody at two instances who has enrolled at one of them up to the mail: the activation waits for its link.
#[derive(Clone)]
pub struct PreparedActivation {
    pub person: PersonId,
    /// Of which everything that tells people apart is made.
    number: i64,
    enrolment: String,
    pub secret: TotpSecret,
    pub activation: Token,
    /// *Não fui eu*, of the same enrolment.
    pub not_me: Token,
    now: Timestamp,
}

/// A CPF with right check digits.
fn cpf(number: i64) -> Outcome<Cpf> {
    let nine = format!("{:09}", 100_000_000 + number);
    (0..100)
        .find_map(|check| Cpf::parse(&format!("{nine}{check:02}")).ok())
        .ok_or_else(|| "no check digits".into())
}

impl PreparedActivation {
    fn new(number: i64, entropy: &dyn Entropy, now: Timestamp) -> Outcome<Self> {
        Ok(Self {
            person: PersonId::new(PersonId::MIN + number)?,
            number,
            enrolment: row_id(entropy.bytes()),
            secret: TotpSecret::new(entropy.bytes()),
            activation: Token::new(entropy.bytes()),
            not_me: Token::new(entropy.bytes()),
            now,
        })
    }

    fn person(&self) -> Outcome<NewPerson> {
        Ok(NewPerson {
            id: Some(self.person),
            name: "Ana".to_owned(),
            sigla: Sigla::parse(&format!("pessoa{}", self.number))?,
            cpf: Some(cpf(self.number)?),
            password: decoy().clone(),
            profiles: vec![ProfileKind::LAWYER],
            contacts: Vec::new(),
            language: app::model::Language::Pt,
        })
    }

    /// An enrolment whose code and email were accepted, with the tokens of two mailed links.
    async fn mail(&self, tx: &mut Tx) -> StoreResult<()> {
        let now = self.now;
        let until = now + Seconds::hours(1);
        let new = NewEnrolment {
            id: self.enrolment.clone(),
            person: self.person,
            purpose: EnrolmentPurpose::First,
            proof: Proof::FirstEnrolment,
            label: String::new(),
            browser_hash: self.activation.hash(),
            secret: self.secret.clone(),
            client: ClientInfo::default(),
            expires_at: until,
        };
        tx.begin_enrolment(&new, &SessionLimits::default(), now)
            .await?;
        tx.accept_first_code(&self.enrolment, 1, None, now).await?;
        let email = Email::parse(&format!("p{}@correio.example", self.number));
        if let Ok(email) = email {
            tx.set_enrolment_email(&self.enrolment, &email, until, until)
                .await?;
        }
        for (token, purpose) in [
            (&self.activation, LinkPurpose::Activation),
            (&self.not_me, LinkPurpose::NotMe),
        ] {
            let link = Link {
                person: self.person,
                enrolment: Some(self.enrolment.clone()),
                factor: None,
                about: None,
                created_at: now,
                expires_at: until,
                used_at: None,
                voided: None,
            };
            tx.insert_link(&token.hash(), purpose, &link).await?;
        }
        Ok(())
    }
}

/// Registers people with these numbers at both instances, and writes at the first of them what comes before an activation.
pub async fn prepare_activations(
    instances: [&Services; 2],
    numbers: Range<i64>,
) -> Outcome<Vec<PreparedActivation>> {
    let now = instances[0].now();
    let all: Vec<_> = numbers
        .map(|number| PreparedActivation::new(number, &SystemEntropy, now))
        .collect::<Outcome<_>>()?;
    for portion in all.chunks(STAGED_AT_ONCE) {
        for instance in instances {
            let people = portion.iter().map(PreparedActivation::person);
            let people = people.collect::<Outcome<_>>()?;
            let registered = instance.for_operator("bench").register(people).await?;
            registered.map_err(|conflicts| format!("{conflicts:?}"))?;
        }
        let write = instances[0]
            .store()
            .write_with(portion.to_vec(), |tx, portion| {
                Box::pin(async move {
                    for prepared in portion {
                        prepared.mail(tx).await?;
                    }
                    Ok(())
                })
            });
        write.await?;
    }
    Ok(all)
}
