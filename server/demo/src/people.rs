//! The demonstration's people: one for each outcome that the manual and its surroundings know.

use crate::options::Options;
use server::{
    domain::{
        address::MailAddress,
        cpf::Cpf,
        language::Language,
        new_person::NewPerson,
        password::PasswordHash,
        person::{PersonId, ProfileKind, Sigla},
        secret::SecretText,
        totp::TotpSecret,
    },
    services::{Fault, Services},
    storage::NewFactor,
};
use std::fmt::Write as _;

/// The one password of all demonstration people. The program that is installed does not know it.
const PASSWORD: &str = "demonstracao-2026";

/// Where a person is registered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Both,
    JmuOnly,
    /// At STM too, with a factor of their own.
    BothActiveAtStm,
    /// At STM, CPF and sigla belong to two people.
    SplitAtStm,
}

struct Someone {
    id: i64,
    name: &'static str,
    sigla: &'static str,
    cpf: &'static str,
    profiles: &'static [&'static str],
    contact: &'static str,
    at: At,
    try_this: &'static str,
}

const PEOPLE: [Someone; 6] = [
    Someone {
        id: 711_681_573_057_297,
        name: "Ana Souza",
        sigla: "ana.souza",
        cpf: "52998224725",
        profiles: &["lawyer"],
        contact: "ana@souza-advocacia.example",
        at: At::Both,
        try_this: "a jornada inteira: sincroniza com o STM",
    },
    Someone {
        id: 711_681_573_057_298,
        name: "Bruno Lima",
        sigla: "76912345620",
        cpf: "76912345620",
        profiles: &["lawyer"],
        contact: "",
        at: At::JmuOnly,
        try_this: "sem cadastro no STM: Não possui cadastro no destino",
    },
    Someone {
        id: 711_681_573_057_299,
        name: "Carla Dias",
        sigla: "carla.dias",
        cpf: "11144477735",
        profiles: &["prosecutor"],
        contact: "carla@mpm.example",
        at: At::BothActiveAtStm,
        try_this: "já ativa no STM: Já possui autenticação em dois fatores no destino",
    },
    Someone {
        id: 711_681_573_057_300,
        name: "Davi Rocha",
        sigla: "davi.rocha",
        cpf: "39053344705",
        profiles: &["magistrate", "staff"],
        contact: "davi@stm.example",
        at: At::Both,
        try_this: "perfil que exige o segundo fator: entrada provisória",
    },
    Someone {
        id: 711_681_573_057_301,
        name: "Elisa Prado",
        sigla: "elisa.prado",
        cpf: "16899535009",
        profiles: &["defender"],
        contact: "elisa@dpu.example",
        at: At::SplitAtStm,
        try_this: "CPF e sigla de pessoas diferentes no STM: recusa, nunca palpite",
    },
    Someone {
        id: 711_681_573_057_302,
        name: "Fábio Nunes",
        sigla: "fabio.nunes",
        cpf: "",
        profiles: &["expert", "lawyer"],
        contact: "",
        at: At::Both,
        try_this: "sem CPF: encontrado no STM pela sigla",
    },
];

/// Registers them, once: a second start finds them there.
pub(crate) async fn register(jmu: &Services, stm: &Services) -> Result<(), String> {
    if !jmu
        .list_people()
        .await
        .map_err(|error| error.to_string())?
        .is_empty()
    {
        return Ok(());
    }
    let say = |error: Fault| error.to_string();
    let password = jmu.hash(SecretText::new(PASSWORD)).await.map_err(say)?;
    let (mut at_jmu, mut at_stm) = (Vec::new(), Vec::new());
    for someone in &PEOPLE {
        let person = someone.person(&password)?;
        match someone.at {
            At::JmuOnly => {}
            At::Both | At::BothActiveAtStm => at_stm.push(person.clone()),
            At::SplitAtStm => {
                let other = PersonId::new(someone.id + 100).map_err(|e| e.to_string())?;
                let mut by_cpf = person.clone();
                by_cpf.sigla = Sigla::parse("eprado").map_err(|e| e.to_string())?;
                let mut by_sigla = person.clone();
                by_sigla.id = Some(other);
                by_sigla.cpf = None;
                at_stm.extend([by_cpf, by_sigla]);
            }
        }
        at_jmu.push(person);
    }
    for (services, people) in [(jmu, at_jmu), (stm, at_stm)] {
        if let Err(conflicts) = services.register(people).await.map_err(say)? {
            return Err(format!("demonstration people: {conflicts:?}"));
        }
    }
    for someone in PEOPLE
        .iter()
        .filter(|someone| someone.at == At::BothActiveAtStm)
    {
        activate(stm, someone).await?;
    }
    Ok(())
}

impl Someone {
    fn person(&self, password: &PasswordHash) -> Result<NewPerson, String> {
        let cpf = match self.cpf {
            "" => None,
            digits => Some(Cpf::parse(digits).map_err(|e| format!("{}: {e}", self.name))?),
        };
        let contacts = match self.contact {
            "" => Vec::new(),
            address => vec![MailAddress::parse(address).map_err(|e| e.to_string())?],
        };
        Ok(NewPerson {
            id: Some(PersonId::new(self.id).map_err(|e| e.to_string())?),
            name: self.name.to_owned(),
            sigla: Sigla::parse(self.sigla).map_err(|e| e.to_string())?,
            cpf,
            password: password.clone(),
            profiles: self
                .profiles
                .iter()
                .map(|kind| ProfileKind::parse(kind).map_err(|e| e.to_string()))
                .collect::<Result<_, _>>()?,
            contacts,
            language: Language::Pt,
        })
    }
}

/// Gives somebody an active factor, as if enrolled before.
async fn activate(services: &Services, someone: &Someone) -> Result<(), String> {
    let person = PersonId::new(someone.id).map_err(|error| error.to_string())?;
    let secret = TotpSecret::new(*b"demonstracao-ao-vivo");
    let factor = NewFactor {
        person,
        secret,
        last_step: 0,
        origin: "STM".to_owned(),
    };
    services
        .store()
        .write((factor, services.now()), |tx, i| {
            Box::pin(async move {
                let (factor, now) = &*i;
                tx.switch_factor_on(factor.person, "carla.dias@mail.example")
                    .await?;
                tx.insert_factor(factor, *now).await
            })
        })
        .await
        .map_err(|error| error.to_string())
}

/// What is printed at the start: where, who, what to try.
pub(crate) fn welcome(options: &Options) -> String {
    let mut text = format!(
        "\n  eproc-2fa, demonstração (Ctrl+C encerra)\n\n\
         \x20 JMU    http://{}\n  STM    http://{}\n  Mesa   http://{}  (correio, relógio, STM liga/desliga)\n\n\
         \x20 Senha de todos: {PASSWORD}\n\n",
        options.jmu_addr, options.stm_addr, options.desk_addr
    );
    for someone in &PEOPLE {
        let _ = writeln!(
            text,
            "  {:<12} {:<12} {}",
            someone.name, someone.sigla, someone.try_this
        );
    }
    text.push_str(
        "\n  Para começar: abra o JMU, informe usuário e senha e escolha\n\
         \x20 \"Autenticação em dois fatores\". O link de ativação chega à mesa.\n",
    );
    text
}
