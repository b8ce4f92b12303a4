//! The people of the demonstration, one for each outcome that the manual describes.

use crate::options::Options;
use server::bootstrap::Assembled;
use server::domain::{
    Email, FactorName, FactorSource, InstanceName, NewTotpFactor, PersonId, Proof, SecretText,
    Timestamp, TotpSecret,
};
use server::import::parse_people;
use server::storage::{StoreError, StoreResult, Tx, UnitOfWork};
use std::fmt::Write as _;

/// The password of all demonstration people. The installed program does not contain it.
const PASSWORD: &str = "demonstracao-2026";

/// The people at JMU, in the format of `eproc-2fa person import`; `{hash}` is replaced by the hash of [`PASSWORD`].
const AT_JMU: &str = include_str!("../people/jmu.csv");

/// The same people at STM, but Bruno and the support team are missing, and Elisa's CPF and sigla belong to two people.
const AT_STM: &str = include_str!("../people/stm.csv");

/// What can be tried with each person at JMU, in the order of the file.
const TO_TRY: [&str; 8] = [
    "a jornada inteira: sincroniza com o STM",
    "sem cadastro no STM: Não possui cadastro no destino",
    "já ativa no STM: Já possui autenticação em dois fatores no destino",
    "perfil que exige o segundo fator: entrada provisória",
    "CPF e sigla de pessoas diferentes no STM: recusa, nunca palpite",
    "sem CPF: encontrado no STM pela sigla",
    "equipe de suporte: libera pelo número quem perdeu o celular",
    "supervisor do suporte: libera, com outra pessoa, quem tem privilégios",
];

/// The operator's name in the audit of the demonstration.
const OPERATOR: &str = "demonstration";

/// Registers the people once; at a second start they exist already.
pub(crate) async fn register(jmu: &Assembled, stm: &Assembled) -> Result<(), String> {
    let say = |error: StoreError| error.to_string();
    let operator = jmu.services.for_operator(OPERATOR);
    if !operator.list_people().await.map_err(say)?.is_empty() {
        return Ok(());
    }
    let password = SecretText::new(PASSWORD);
    let hash = jmu.services.hash_password(password).await;
    let hash = hash.map_err(|error| error.to_string())?;
    for (instance, file) in [(jmu, AT_JMU), (stm, AT_STM)] {
        let imported = parse_people(file.replace("{hash}", hash.as_str()).as_bytes())
            .map_err(|errors| format!("demonstration people: {errors:?}"))?;
        let operator = instance.services.for_operator(OPERATOR);
        let registered = operator.register(imported.people).await;
        if let Err(conflicts) = registered.map_err(say)? {
            return Err(format!("demonstration people: {conflicts:?}"));
        }
    }
    let carla = EnrolledBefore {
        factor: NewTotpFactor {
            label: String::new(),
            person: PersonId::new(711_681_573_057_299).map_err(|error| error.to_string())?,
            secret: TotpSecret::new(*b"demonstracao-ao-vivo"),
            last_step: 0,
            source: FactorSource::Sync(FactorName {
                home: InstanceName::parse("STM").map_err(str::to_owned)?,
                id: "before".to_owned(),
            }),
            proof: Proof::FirstEnrolment,
            added_counter: 1,
            replaces_all: false,
            seen: [].into(),
        },
        email: Email::parse("carla.dias@mail.example").map_err(|error| error.to_string())?,
        now: stm.services.now(),
    };
    stm.store
        .write(carla)
        .await
        .map_err(|error| error.to_string())
}

/// Gives a person an active factor without an enrolment.
struct EnrolledBefore {
    factor: NewTotpFactor,
    email: Email,
    now: Timestamp,
}

impl UnitOfWork for EnrolledBefore {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> StoreResult<()> {
        let revision = tx.begin_change(self.factor.person).await?;
        tx.activate_first_factor(self.factor.person, &self.email, &revision, self.now)
            .await?;
        tx.insert_totp(&self.factor, self.now).await?;
        Ok(())
    }
}

/// What is printed at the start: URLs, people and what can be tried.
pub(crate) fn welcome(options: &Options) -> String {
    let mut text = format!(
        "\n  eproc-2fa, demonstração (Ctrl+C encerra)\n\n\
         \x20 JMU    http://{}\n  STM    http://{}\n  Mesa   http://{}  (correio, relógio, STM liga/desliga)\n\n\
         \x20 Senha de todos: {PASSWORD}\n\n",
        options.jmu_addr, options.stm_addr, options.desk_addr
    );
    for (row, to_try) in AT_JMU.lines().skip(1).zip(TO_TRY) {
        let mut fields = row.split(',').skip(1);
        let mut field = || fields.next().unwrap_or_default();
        // writing to a String cannot fail
        let _ = writeln!(text, "  {:<12} {:<12} {to_try}", field(), field());
    }
    text.push_str(
        "\n  Para começar: abra o JMU, informe usuário e senha e escolha\n\
         \x20 \"Autenticação em dois fatores\". O link de ativação chega à mesa.\n",
    );
    text
}
